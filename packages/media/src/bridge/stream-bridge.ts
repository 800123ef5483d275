import { AUDIO_CODECS } from '../codec/codecs.ts';
import type { RoomPart } from '../mix/room-part.ts';
import { Relay } from '../relay/relay.ts';
import type { MediaAgreement } from '../sdp/agreement.ts';
import type { RtpStream, StreamGroup } from '../session/rtp-stream.ts';
import { DigitForward } from './digit-forward.ts';

export interface StreamBridgeOptions {
  streams: readonly [RtpStream, RtpStream];
  /** Makes a room of two and runs it until it is closed. */
  openRoom: () => RoomPart;
  /** Monotonic milliseconds. */
  now: () => number;
  /** A leg ended. */
  onEnd: () => void;
}

const PLAIN = { muted: false, held: false, gainDb: 0, coach: null };

/**
 * Two sessions of one worker that hear each other: their packets go across as they are when both speak the same, else
 * they are mixed; the way changes when offer and answer change.
 */
export class StreamBridge implements StreamGroup {
  readonly #options: StreamBridgeOptions;
  /** From the first to the second and back. */
  #relays: [Relay, Relay] | null = null;
  #room: RoomPart | null = null;
  /** A far side speaks a codec that it agreed on beside the one we speak to it. */
  #isStrange = false;

  constructor(options: StreamBridgeOptions) {
    this.#options = options;
    for (const stream of options.streams) stream.group = this;
    this.#connect();
  }

  reconfigured(stream: RtpStream): void {
    this.#isStrange = false;
    this.#room?.reconfigured(stream);
    this.#connect();
  }

  ends(): void {
    this.close();
    this.#options.onEnd();
  }

  close(): void {
    this.#closeRelays();
    this.#closeRoom();
    for (const stream of this.#options.streams) stream.group = null;
  }

  #connect(): void {
    const [a, b] = this.#options.streams;
    // Nothing is heard before both have agreed.
    if (a.agreement === null || b.agreement === null) return;
    if (this.#isStrange || !speakTheSame(a.agreement, b.agreement)) {
      this.#closeRelays();
      this.#openRoom(a, b);
      return;
    }
    this.#closeRoom();
    this.#relays ??= this.#openRelays(a, b);
    const passesEvents = haveTheSameEvents(a.agreement, b.agreement);
    for (const relay of this.#relays) relay.reconfigure(passesEvents);
  }

  #openRelays(a: RtpStream, b: RtpStream): [Relay, Relay] {
    const onStrangeCodec = () => {
      this.#isStrange = true;
      this.#connect();
    };
    const { now } = this.#options;
    const there = new Relay({ outgoing: b.outgoing, now, onStrangeCodec });
    const back = new Relay({ outgoing: a.outgoing, now, onStrangeCodec });
    a.incoming.forward = there;
    b.incoming.forward = back;
    b.outgoing.setFeed(there);
    a.outgoing.setFeed(back);
    return [there, back];
  }

  #closeRelays(): void {
    if (this.#relays === null) return;
    const [there, back] = this.#relays;
    const [a, b] = this.#options.streams;
    this.#relays = null;
    a.incoming.forward = null;
    b.incoming.forward = null;
    b.outgoing.removeFeed(there);
    a.outgoing.removeFeed(back);
  }

  #openRoom(a: RtpStream, b: RtpStream): void {
    if (this.#room !== null) return;
    const room = this.#options.openRoom();
    this.#room = room;
    room.join(a, PLAIN);
    room.join(b, PLAIN);
    a.incoming.forward = new DigitForward(b.outgoing);
    b.incoming.forward = new DigitForward(a.outgoing);
  }

  #closeRoom(): void {
    if (this.#room === null) return;
    this.#room.close();
    this.#room = null;
    for (const stream of this.#options.streams) stream.incoming.forward = null;
  }
}

function speakTheSame(a: MediaAgreement, b: MediaAgreement): boolean {
  if (a.packetMs !== b.packetMs) return false;
  // G.711's two laws are translated octet by octet.
  return a.codec === b.codec || (AUDIO_CODECS[a.codec].silence !== null && AUDIO_CODECS[b.codec].silence !== null);
}

function haveTheSameEvents(a: MediaAgreement, b: MediaAgreement): boolean {
  return a.eventPayloadType !== null && b.eventPayloadType !== null && a.eventClockRateHz === b.eventClockRateHz;
}
