import { MediaEngine, type MediaSession, SdpError } from '@voxology/media';
import { type Dialog, SipEndpoint } from '@voxology/sip';
import type { PhoneAccount } from './account.ts';

/** RTP ports of the phone, away from the server's own range. */
const PORT_LOW = 40_000;
const PORT_HIGH = 40_999;
const REGISTER_EXPIRES_SEC = 300;
const KEYS_AT_ONCE = 64;

/** What happens on a call, for the person at the terminal. */
export interface PhoneListener {
  ringing(): void;
  answered(): void;
  /** 20 ms of what is heard, 8 kHz. */
  audio(samples: Int16Array): void;
}

/** How a call ended: `by` who hung up, or why there was none. */
export type PhoneOutcome =
  | { kind: 'ended'; by: 'us' | 'them' }
  | { kind: 'failed'; status: number | null; reason: string };

/** A SIP phone with one line: dials or answers one call. */
export class Phone {
  readonly #account: PhoneAccount;
  readonly #endpoint: SipEndpoint;
  readonly #media: MediaEngine;
  #session: MediaSession | null = null;
  /** Media of the call that is up. */
  #talking: MediaSession | null = null;
  #hangUp: (() => void) | null = null;

  private constructor(account: PhoneAccount, endpoint: SipEndpoint, media: MediaEngine) {
    this.#account = account;
    this.#endpoint = endpoint;
    this.#media = media;
  }

  static async start(account: PhoneAccount, version: string): Promise<Phone> {
    const host = account.server.address === '::1' ? '::1' : '127.0.0.1';
    const endpoint = new SipEndpoint({
      listen: [{ protocol: 'udp', host, port: 0 }],
      userAgent: `Voxology-phone/${version}`,
    });
    await endpoint.start();
    const media = await MediaEngine.start({ host, portLow: PORT_LOW, portHigh: PORT_HIGH, workers: 1 });
    return new Phone(account, endpoint, media);
  }

  async close(): Promise<void> {
    await this.#session?.close();
    await this.#media.close();
    await this.#endpoint.close();
  }

  /** Sends keys in the call, as RFC 4733 events where they were agreed on. Nothing when there is no call. */
  press(keys: string): void {
    for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
      this.#talking?.sendDigits(keys.slice(at, at + KEYS_AT_ONCE));
    }
  }

  /** Ends the call, or gives up dialling. */
  hangUp(): void {
    this.#hangUp?.();
  }

  /** Calls a number; resolves when the call is over. */
  async dial(no: string, listener: PhoneListener): Promise<PhoneOutcome> {
    const session = await this.#open(listener);
    const { user, password, domain, server } = this.#account;
    return await new Promise((resolve) => {
      const outgoing = this.#endpoint.invite({
        uri: `sip:${no}@${domain}`,
        destination: server,
        from: { uri: `sip:${user}@${domain}` },
        to: { uri: `sip:${no}@${domain}` },
        sdp: session.createOffer(),
        credentials: { username: user, password },
      });
      this.#hangUp = () => outgoing.cancel();
      outgoing.on('progress', ({ status }) => {
        if (status === 180) listener.ringing();
      });
      outgoing.on('failed', ({ status, reason }) => resolve({ kind: 'failed', status, reason }));
      outgoing.on('answered', ({ dialog, sdp }) => {
        try {
          session.acceptAnswer(sdp ?? '');
        } catch (error) {
          void dialog.bye();
          resolve({ kind: 'failed', status: null, reason: error instanceof SdpError ? error.message : String(error) });
          return;
        }
        this.#talk(session, dialog, listener, resolve);
      });
    });
  }

  /** Registers and waits for one call, which it answers; resolves when that call is over. */
  async answer(listener: PhoneListener, onRegistered: () => void): Promise<PhoneOutcome> {
    const session = await this.#open(listener);
    const refused = await this.#register(REGISTER_EXPIRES_SEC);
    if (refused !== null) return refused;
    onRegistered();
    const outcome = await new Promise<PhoneOutcome>((resolve) => {
      this.#hangUp = () => resolve({ kind: 'failed', status: null, reason: 'You stopped waiting' });
      this.#endpoint.on('invite', (incoming) => {
        if (incoming.sdp === null) {
          incoming.reject(488, { reason: 'An offer is needed' });
          return;
        }
        incoming.ring();
        listener.ringing();
        incoming.on('canceled', () => resolve({ kind: 'failed', status: 487, reason: 'The caller gave up' }));
        try {
          const dialog = incoming.answer(session.answerOffer(incoming.sdp));
          incoming.on('confirmed', () => this.#talk(session, dialog, listener, resolve));
        } catch (error) {
          incoming.reject(error instanceof SdpError ? error.status : 500);
          resolve({ kind: 'failed', status: null, reason: String(error) });
        }
      });
    });
    await this.#register(0);
    return outcome;
  }

  async #register(expiresSec: number): Promise<PhoneOutcome | null> {
    const { user, password, domain, server } = this.#account;
    const aor = `<sip:${user}@${domain}>`;
    const result = await this.#endpoint.request({
      method: 'REGISTER',
      uri: `sip:${domain}`,
      destination: server,
      from: aor,
      to: aor,
      headers: [['Expires', String(expiresSec)]],
      credentials: { username: user, password },
      contactUser: user,
    });
    if (!result.ok)
      return { kind: 'failed', status: null, reason: `The server at ${server.address}:${server.port} does not answer` };
    const { status, reason } = result.response;
    return status === 200 ? null : { kind: 'failed', status, reason };
  }

  async #open(listener: PhoneListener): Promise<MediaSession> {
    const session = await this.#media.createSession({ capture: true });
    session.on('audio', ({ samples }) => listener.audio(samples));
    this.#session = session;
    return session;
  }

  #talk(
    session: MediaSession,
    dialog: Dialog,
    listener: PhoneListener,
    resolve: (outcome: PhoneOutcome) => void,
  ): void {
    session.start();
    this.#talking = session;
    const over = (by: 'us' | 'them') => {
      this.#talking = null;
      resolve({ kind: 'ended', by });
    };
    let weHungUp = false;
    this.#hangUp = () => {
      weHungUp = true;
      void dialog.bye().then(() => over('us'));
    };
    dialog.on('terminated', () => {
      if (!weHungUp) over('them');
    });
    listener.answered();
  }
}
