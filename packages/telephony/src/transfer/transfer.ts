import type { Effect, JsonObject } from '@voxology/callflow';
import type { MediaEngine, MediaSession, SecurityMethod } from '@voxology/media';
import type { Store } from '@voxology/store';
import type { RepeatedSound } from '../call/background-sound.ts';
import { type BridgedLegs, bridgeLegs } from '../call/bridged-legs.ts';
import type { CallInput } from '../call/input.ts';
import type { Party } from '../call/party.ts';
import type { Switchboard } from '../call/switchboard.ts';
import { type Destination, DestinationRefused, type Destinations } from '../outbound/destination.ts';
import { Fork, type Outgoing } from '../outbound/fork.ts';
import type { Inviter } from '../outbound/inviter.ts';
import { OutboundLeg } from '../outbound/outbound-leg.ts';
import type { RateLimit } from '../outbound/rate-limit.ts';
import { securityOf } from '../outbound/security.ts';
import type { HouseSounds } from '../sounds/house-sounds.ts';
import { fromOf } from './caller-id.ts';
import { bestOf, failed, outcomeOfResponse, type TransferOutcome } from './outcome.ts';

export type TransferEffect = Extract<Effect, { type: 'transfer' }>;

/** What a transfer needs of the house. */
export interface TransferServices {
  store: Pick<Store, 'numbers' | 'sipUsers'>;
  media: Pick<MediaEngine, 'createSession' | 'bridge'>;
  inviter: Pick<Inviter, 'invite'>;
  destinations: Pick<Destinations, 'of'>;
  rateLimit: RateLimit;
  switchboard: Pick<Switchboard, 'takeLine' | 'releaseLine' | 'legChanged' | 'onDefect'>;
  sounds: Pick<HouseSounds, 'get'>;
  defaultCountry: string;
  nowMs(): number;
}

interface Target {
  no: string;
  destination: Exclude<Destination, { kind: 'unreachable' }>;
}

/** One TRANSFER: a second leg of a call is dialled, bridged with the first when it answers, and ended. */
export class Transfer {
  readonly #services: TransferServices;
  readonly #party: Party;
  readonly #effect: TransferEffect;
  readonly #outcomes: TransferOutcome[] = [];
  readonly #rung = new Set<string>();
  #state: 'dialling' | 'connected' | 'over' = 'dialling';
  #leg: OutboundLeg | null = null;
  #bridge: BridgedLegs | null = null;
  #answeredBy = '';
  /** Those that ring now. */
  readonly #ringing = new Set<string>();
  /** Whose sound is heard before an answer. */
  #heard: string | null = null;
  /** The caller got our SDP with a 183: its telephone plays no ringing of its own any more. */
  #nearHasEarlyMedia = false;

  constructor(services: TransferServices, party: Party, effect: TransferEffect) {
    this.#services = services;
    this.#party = party;
    this.#effect = effect;
  }

  /** Posts `transfer_progress`, `transfer_answered` and, always, `transfer_ended`. */
  begin(): void {
    this.#dial().catch((error: unknown) => {
      if (!(error instanceof Error)) this.#services.switchboard.onDefect(this.#party.info.callId, error);
      this.#outcomes.push(failed(error));
      this.#over(bestOf(this.#outcomes));
    });
  }

  /** CANCEL or BYE to the far side; the bridge is gone at once. */
  end(): void {
    if (this.#state === 'over') return;
    const status = this.#state === 'connected' ? 'completed' : 'canceled';
    this.#over({ status, sipStatus: null, error: null });
    this.#leg?.hangUp('transfer ended');
  }

  /** The call itself has been answered. */
  partyAnswered(): void {
    this.#connect();
    if (this.#state === 'dialling' && this.#rung.size > 0 && this.#heard === null) this.#playRinging();
  }

  async #dial(): Promise<void> {
    const { media, switchboard, store, defaultCountry } = this.#services;
    const { info, leg } = this.#party;
    const from = await fromOf(info, this.#effect.callerIdNo, { store, defaultCountry });
    const { targets, security } = this.#protected(await this.#targets());
    if (this.#isOver()) return;
    if (targets.length === 0) {
      this.#over(bestOf(this.#outcomes));
      return;
    }
    const busy = switchboard.takeLine();
    if (busy !== null) throw new Error(busy);
    let session: MediaSession | null = null;
    let hasBegun = false;
    try {
      session = await media.createSession({
        firstCodec: leg.session?.agreement?.codec ?? 'PCMU',
        security,
        ...(leg.session === null ? {} : { beside: leg.session }),
      });
      hasBegun = !this.#isOver() && this.#ring(session, targets, from, security);
    } finally {
      if (!hasBegun) {
        switchboard.releaseLine();
        await session?.close();
      }
    }
  }

  /** Those that can be called now; what is wrong with the others is among the outcomes. */
  async #targets(): Promise<Target[]> {
    const { destinations, rateLimit, nowMs } = this.#services;
    const targets: Target[] = [];
    for (const no of new Set(this.#effect.targets)) {
      try {
        const destination = await destinations.of(no, this.#party.info.sipDomain);
        if (destination.kind === 'unreachable') {
          this.#outcomes.push({ status: destination.status, sipStatus: null, error: destination.error });
        } else if (rateLimit.take(nowMs())) {
          targets.push({ no, destination });
        } else {
          this.#outcomes.push(failed('Too many calls per second (setting limits.max_calls_per_second)'));
        }
      } catch (error) {
        if (!(error instanceof DestinationRefused)) throw error;
        this.#outcomes.push(failed(error));
      }
    }
    return targets;
  }

  /** All are called with one offer: a trunk that asks for SRTP is not called with one that leaves the sound bare. */
  #protected(all: readonly Target[]): { targets: readonly Target[]; security: SecurityMethod } {
    const security = securityOf(...all.map(({ destination }) => destination));
    if (security !== 'none') return { targets: all, security };
    const targets = all.filter(({ no, destination }) => {
      if (destination.kind !== 'trunk' || destination.trunk.srtp === 'none') return true;
      const { name, srtp } = destination.trunk;
      this.#outcomes.push(
        failed(
          `${no} is not called: its trunk ${name} asks for SRTP (${srtp}), which others called with it do not take`,
        ),
      );
      return false;
    });
    return { targets, security: securityOf(...targets.map(({ destination }) => destination)) };
  }

  /** Sends the INVITEs; false when none could be sent. */
  #ring(session: MediaSession, targets: readonly Target[], from: string, security: SecurityMethod): boolean {
    const { inviter, switchboard } = this.#services;
    const { info } = this.#party;
    const { transferId, ringTimeoutMs } = this.#effect;
    const sdp = session.createOffer();
    const invited: Outgoing[] = [];
    for (const { no, destination } of targets) {
      try {
        const outgoing = inviter.invite(destination, { from, sdp, security });
        this.#follow(no, outgoing, session);
        invited.push(outgoing);
      } catch (error) {
        this.#outcomes.push(failed(`The INVITE could not be sent: ${String(error)}`));
      }
    }
    const [only] = invited;
    if (only === undefined) {
      this.#over(bestOf(this.#outcomes));
      return false;
    }
    this.#leg = new OutboundLeg({
      outgoing: invited.length === 1 ? only : new Fork(invited, { declineEndsAll: false }),
      session,
      ringTimeoutMs,
      post: (input) => this.#fromLeg(input),
      onAnswer: (dialog) => switchboard.legChanged(info, transferId, dialog.snapshot()),
      onRetarget: (dialog) => switchboard.legChanged(info, transferId, dialog),
    });
    return true;
  }

  #follow(no: string, outgoing: Outgoing, session: MediaSession): void {
    outgoing.on('progress', ({ status, sdp }) => {
      this.#note('progress', { no, status });
      if (this.#state === 'dialling') this.#progress(no, sdp, session);
    });
    outgoing.on('answered', () => {
      if (this.#answeredBy === '') this.#answeredBy = no;
    });
    outgoing.on('failed', ({ status, reason }) => {
      if (this.#state !== 'dialling') return;
      this.#note('failed', { no, status, reason });
      this.#outcomes.push(outcomeOfResponse(status, reason));
      this.#ringing.delete(no);
      if (this.#heard !== no) return;
      this.#heard = null;
      if (this.#ringing.size > 0 && (this.#party.isAnswered || this.#nearHasEarlyMedia)) this.#playRinging();
    });
  }

  #progress(no: string, sdp: string | null, session: MediaSession): void {
    const { leg, isAnswered } = this.#party;
    // Several may send sound; nobody can listen to more than one.
    if (sdp !== null && this.#heard === null && this.#takeEarlyMedia(sdp, session)) {
      this.#heard = no;
      if (!isAnswered) {
        leg.earlyMedia();
        this.#nearHasEarlyMedia = leg.session?.agreement != null;
      }
      leg.background(null);
      this.#connect();
      if (!this.#isOver()) this.#postStage(no, 'early_media');
      return;
    }
    this.#ringing.add(no);
    if (sdp === null && this.#heard === null) {
      if (isAnswered || this.#nearHasEarlyMedia) this.#playRinging();
      else leg.ring();
    }
    this.#postStage(no, 'ringing');
  }

  #takeEarlyMedia(sdp: string, session: MediaSession): boolean {
    try {
      session.acceptAnswer(sdp);
      session.start();
    } catch (error) {
      this.#note('early_media_refused', { error: String(error) });
      return false;
    }
    return true;
  }

  #postStage(no: string, stage: 'ringing' | 'early_media'): void {
    const key = `${stage} ${no}`;
    if (this.#rung.has(key)) return;
    this.#rung.add(key);
    this.#post({ type: 'transfer_progress', transferId: this.#effect.transferId, no, stage });
  }

  /** In place of what the far side's exchange would let a caller hear who is not answered yet. */
  #playRinging(): void {
    this.#party.leg.background(this.#ringingTone);
  }

  readonly #ringingTone: RepeatedSound = {
    prompt: async () => this.#services.sounds.get('ringing'),
    failed: (error) => this.#services.switchboard.onDefect(this.#party.info.callId, error),
  };

  #fromLeg(input: CallInput): void {
    if (input.type === 'answered') this.#answered();
    else if (input.type === 'ended') {
      const { status, error } = input;
      if (this.#state === 'connected') this.#over({ status: 'completed', sipStatus: null, error });
      else if (this.#state === 'dialling') {
        this.#over(bestOf([...this.#outcomes, { status, sipStatus: null, error }]));
      }
      void this.#release();
    }
  }

  #answered(): void {
    if (this.#state !== 'dialling') return;
    this.#state = 'connected';
    this.#party.leg.background(null);
    this.#connect();
    if (this.#isOver()) return;
    const { transferId } = this.#effect;
    this.#post({ type: 'transfer_answered', transferId, no: this.#answeredBy });
  }

  /** The bridge stands as soon as the media of both sides is agreed. */
  #connect(): void {
    const near = this.#party.leg.session;
    const far = this.#leg;
    if (this.#bridge !== null || this.#state === 'over' || near === null || far === null) return;
    if (near.agreement === null || far.session.agreement === null) return;
    try {
      this.#bridge = bridgeLegs(this.#services.media, this.#party.leg, far);
    } catch (error) {
      // The media of one side have just gone; nobody would hear anybody.
      this.#over(failed(error));
      this.#leg?.hangUp('no bridge');
    }
  }

  #over(outcome: TransferOutcome): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#bridge?.close();
    this.#bridge = null;
    this.#party.leg.background(null);
    this.#post({ type: 'transfer_ended', transferId: this.#effect.transferId, ...outcome });
  }

  async #release(): Promise<void> {
    const { switchboard } = this.#services;
    const { info } = this.#party;
    try {
      switchboard.legChanged(info, this.#effect.transferId, null);
      const stats = await this.#leg?.release();
      if (stats != null) this.#note('session_ended', stats as unknown as JsonObject, 'media');
    } catch (error) {
      switchboard.onDefect(info.callId, error);
    } finally {
      switchboard.releaseLine();
    }
  }

  #isOver(): boolean {
    return this.#state === 'over';
  }

  #post(input: CallInput): void {
    if (!this.#party.over) this.#party.post(input);
  }

  #note(type: string, data: JsonObject, kind: 'sip' | 'media' = 'sip'): void {
    if (this.#party.over) return;
    this.#party.log.note(kind, type, { transferId: this.#effect.transferId, ...data }, this.#services.nowMs());
  }
}
