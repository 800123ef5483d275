import type { Effect, JsonObject } from '@voxology/callflow';
import type { MediaEngine, MediaSession } from '@voxology/media';
import type { DialogState } from '@voxology/sip';
import type { Store } from '@voxology/store';
import { type BridgedLegs, bridgeLegs } from '../call/bridged-legs.ts';
import type { CallInput } from '../call/input.ts';
import type { Leg } from '../call/leg.ts';
import type { Party } from '../call/party.ts';
import type { Switchboard } from '../call/switchboard.ts';
import type { Destinations } from '../outbound/destination.ts';
import type { RungPhone } from '../outbound/fork.ts';
import type { Inviter } from '../outbound/inviter.ts';
import { closeOffers, openOffers } from '../outbound/offers.ts';
import type { RateLimit } from '../outbound/rate-limit.ts';
import type { HouseSounds } from '../sounds/house-sounds.ts';
import { type Alert, Alerts } from './alerts.ts';
import { AskedCallees } from './asked-callees.ts';
import { Callee, type CalleeListener } from './callee.ts';
import { fromOf } from './caller-id.ts';
import { bestOf, failed, type TransferOutcome } from './outcome.ts';
import { Ringback } from './ringback.ts';
import { type Target, targetsOf } from './targets.ts';

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

/**
 * One TRANSFER: far sides are rung, the call is bridged with the first that answers (or, when they are asked first, with the
 * first that the flow has connected), and that is hung up in the end.
 */
export class Transfer {
  readonly #services: TransferServices;
  readonly #party: Party;
  readonly #effect: TransferEffect;
  readonly #outcomes: TransferOutcome[] = [];
  readonly #rung = new Set<string>();
  #state: 'dialling' | 'connected' | 'over' = 'dialling';
  /** Those whose media is not given back yet. */
  readonly #callees = new Set<Callee>();
  /** How many of them may answer still, those that are about to be rung included. */
  #awaited = 0;
  /** How many hold our line: all of them, until their media is given back. */
  #onLine = 0;
  #connected: Callee | null = null;
  readonly #asked: AskedCallees<Callee>;
  #bridge: { legs: BridgedLegs; session: MediaSession } | null = null;
  readonly #alerts = new Alerts();
  /** Whose sound is heard before an answer. */
  #heard: Alert | null = null;
  readonly #ringback: Ringback;

  constructor(services: TransferServices, party: Party, effect: TransferEffect) {
    this.#services = services;
    this.#party = party;
    this.#effect = effect;
    this.#asked = new AskedCallees(effect.transferId, (input) => this.#post(input));
    const { sounds, switchboard } = services;
    this.#ringback = new Ringback(party, {
      prompt: async () => sounds.get('ringing'),
      failed: (error) => switchboard.onDefect(party.info.callId, error),
    });
  }

  /** Posts `transfer_progress`, `callee_answered`, `callee_ended`, `transfer_answered` and, always, `transfer_ended`. */
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
    for (const callee of this.#callees) callee.hangUp('transfer ended');
  }

  /** The leg of a callee that is asked; null when there is none, or it has gone. */
  askedLeg(no: string): Leg | null {
    return this.#asked.get(no)?.leg ?? null;
  }

  /** Media of the far side that the call is connected with; null: it is with none. */
  get farSession(): MediaSession | null {
    return this.#state === 'connected' ? (this.#connected?.leg.session ?? null) : null;
  }

  /** An asked callee takes the call; the others stop ringing, or are hung up. Nothing when it has gone. */
  connectCallee(no: string): void {
    const callee = this.#asked.get(no);
    if (callee !== undefined) this.#connect(callee);
  }

  /** An asked callee is not to be connected. */
  hangUpCallee(no: string): void {
    this.#asked.get(no)?.hangUp('the callee does not take the call');
  }

  /** The call itself has been answered. */
  partyAnswered(): void {
    this.#bridgeWith(this.#connected ?? this.#heard?.callee ?? null);
    if (this.#state === 'dialling' && this.#rung.size > 0 && this.#heard === null) this.#ringback.begin();
  }

  async #dial(): Promise<void> {
    const { switchboard, store, defaultCountry } = this.#services;
    const from = await fromOf(this.#party.info, this.#effect.callerIdNo, { store, defaultCountry });
    const { targets, outcomes } = await targetsOf(this.#effect.targets, this.#party.info.sipDomain, this.#services);
    this.#outcomes.push(...outcomes);
    if (this.#isOver()) return;
    if (targets.length === 0) {
      this.#over(bestOf(this.#outcomes));
      return;
    }
    const busy = switchboard.takeLine();
    if (busy !== null) throw new Error(busy);
    this.#awaited = targets.length;
    this.#onLine = targets.length;
    await Promise.all(targets.map((target) => this.#call(target, from)));
  }

  /** Rings all phones of a target, each with an offer that it can answer. */
  async #call({ no, destination }: Target, from: string): Promise<void> {
    const { inviter, media } = this.#services;
    const { session: near } = this.#party.leg;
    try {
      const offers = await openOffers(media, destination, {
        firstCodec: near?.agreement?.codec ?? 'PCMU',
        ...(near === null ? {} : { beside: near }),
      });
      try {
        if (this.#state !== 'dialling') throw new Error('somebody else was quicker, or the caller has gone');
        const { ringTimeoutMs } = this.#effect;
        const listener = this.#listener;
        this.#callees.add(new Callee({ no, destination, from, offers, ringTimeoutMs, inviter, listener }));
      } catch (error) {
        await closeOffers(offers);
        throw error;
      }
    } catch (error) {
      this.#notAnswered(failed(error));
      this.#offLine();
    }
  }

  readonly #listener: CalleeListener = {
    progress: (callee, sdp, phone) => this.#progress(callee, sdp, phone),
    declined: (_callee, phone) => this.#declined(phone),
    answered: (callee) => this.#answered(callee),
    heard: (callee, input) => this.#asked.heard(callee, input),
    ended: (callee, outcome) => this.#ended(callee, outcome),
    dialogChanged: (callee, dialog) => this.#dialogChanged(callee, dialog),
    note: (type, data) => this.#note(type, data),
  };

  #progress(callee: Callee, sdp: string | null, phone: RungPhone): void {
    if (this.#state !== 'dialling' || phone === this.#heard?.phone) return;
    const alert = this.#alerts.note(callee, phone, sdp);
    // Several may send sound; nobody can listen to more than one.
    if (this.#heard === null) {
      if (alert.sdp !== null && this.#hear(alert)) return;
      this.#ringback.begin();
    }
    this.#postStage(callee, 'ringing');
  }

  #declined(phone: RungPhone): void {
    this.#alerts.dropPhone(phone);
    if (phone === this.#heard?.phone) this.#fallSilent();
  }

  #answered(callee: Callee): void {
    if (this.#state !== 'dialling') callee.hangUp('somebody else has answered');
    else if (this.#effect.screened === true) this.#ask(callee);
    else this.#connect(callee);
  }

  /** The caller hears none of it, and goes on hearing that it rings. */
  #ask(callee: Callee): void {
    this.#alerts.askedFirst(callee);
    if (this.#heard?.callee === callee) this.#fallSilent();
    else if (this.#heard === null) this.#ringback.begin();
    if (!this.#isOver()) this.#asked.add(callee);
  }

  #ended(callee: Callee, outcome: TransferOutcome): void {
    if (callee === this.#connected) {
      this.#over({ ...outcome, status: 'completed', sipStatus: null });
    } else {
      this.#alerts.dropCallee(callee);
      if (this.#heard?.callee === callee) this.#fallSilent();
      const wasAsked = this.#asked.ended(callee);
      this.#notAnswered(wasAsked ? { ...outcome, status: 'no-answer' } : outcome);
    }
    void this.#release(callee);
  }

  #dialogChanged({ no }: Callee, dialog: DialogState | null): void {
    const { transferId } = this.#effect;
    this.#services.switchboard.legChanged(this.#party.info, `${transferId} ${no}`, dialog);
  }

  #note(type: string, data: JsonObject, kind: 'sip' | 'media' = 'sip'): void {
    if (this.#party.over) return;
    this.#party.log.note(kind, type, { transferId: this.#effect.transferId, ...data }, this.#services.nowMs());
  }

  /** One less may answer; when that was the last, nobody has. */
  #notAnswered(outcome: TransferOutcome): void {
    if (this.#state !== 'dialling') return;
    this.#outcomes.push(outcome);
    this.#awaited -= 1;
    if (this.#awaited === 0) this.#over(bestOf(this.#outcomes));
  }

  /** The caller hears the sound of this phone from now on, unless it cannot be used. */
  #hear(alert: Alert): boolean {
    if (!this.#takeEarlyMedia(alert)) return false;
    this.#heard = alert;
    this.#ringback.giveWay();
    this.#bridgeWith(alert.callee);
    if (!this.#isOver()) this.#postStage(alert.callee, 'early_media');
    return true;
  }

  #takeEarlyMedia(alert: Alert): boolean {
    const { callee, phone, sdp } = alert;
    if (phone === null || sdp === null) return false;
    try {
      callee.leg.takeEarlyMedia(sdp, phone.session);
      return true;
    } catch (error) {
      alert.sdp = null;
      this.#note('early_media_refused', { error: String(error) });
      return false;
    }
  }

  /** The phone that is heard before an answer is heard no more: the next that sends sound is, else that others ring. */
  #fallSilent(): void {
    this.#heard = null;
    this.#unbridge();
    if (this.#alerts.offerSound((alert) => this.#hear(alert))) return;
    if (!this.#alerts.isEmpty) this.#ringback.goOn();
  }

  #postStage({ no }: Callee, stage: 'ringing' | 'early_media'): void {
    const key = `${stage} ${no}`;
    if (this.#rung.has(key)) return;
    this.#rung.add(key);
    this.#post({ type: 'transfer_progress', transferId: this.#effect.transferId, no, stage });
  }

  #connect(callee: Callee): void {
    const { transferId } = this.#effect;
    this.#state = 'connected';
    this.#connected = callee;
    this.#asked.clear();
    this.#heard = null;
    this.#ringback.end();
    for (const other of this.#callees) if (other !== callee) other.leg.giveWay();
    this.#bridgeWith(callee);
    if (!this.#isOver()) this.#post({ type: 'transfer_answered', transferId, no: callee.no });
  }

  /** The bridge stands as soon as the media of both sides is agreed. */
  #bridgeWith(callee: Callee | null): void {
    const near = this.#party.leg.session;
    if (callee === null || this.#state === 'over' || near === null) return;
    const { session } = callee.leg;
    if (this.#bridge?.session === session || near.agreement === null || session.agreement === null) return;
    this.#unbridge();
    try {
      this.#bridge = { legs: bridgeLegs(this.#services.media, this.#party.leg, callee.leg), session };
    } catch (error) {
      // The media of one side have just gone; nobody would hear anybody.
      this.#over(failed(error));
      for (const one of this.#callees) one.hangUp('no bridge');
    }
  }

  #unbridge(): void {
    this.#bridge?.legs.close();
    this.#bridge = null;
  }

  #over(outcome: TransferOutcome): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#asked.clear();
    this.#unbridge();
    this.#ringback.end();
    this.#post({ type: 'transfer_ended', transferId: this.#effect.transferId, ...outcome });
  }

  async #release(callee: Callee): Promise<void> {
    const { switchboard } = this.#services;
    try {
      this.#dialogChanged(callee, null);
      const stats = await callee.release();
      if (stats !== null) this.#note('session_ended', stats as unknown as JsonObject, 'media');
    } catch (error) {
      switchboard.onDefect(this.#party.info.callId, error);
    } finally {
      this.#callees.delete(callee);
      this.#offLine();
    }
  }

  #offLine(): void {
    this.#onLine -= 1;
    if (this.#onLine === 0) this.#services.switchboard.releaseLine();
  }

  #isOver(): boolean {
    return this.#state === 'over';
  }

  #post(input: CallInput): void {
    if (!this.#party.over) this.#party.post(input);
  }
}
