import type { AudioCodec, FrameDecoder } from '../codec/audio-codec.ts';
import { ArrivalDelay } from './arrival-delay.ts';
import { FallingSilent } from './falling-silent.ts';
import type { RtpPacket } from './packet.ts';
import { PacketRing } from './packet-ring.ts';
import { StreamTimeline } from './stream-timeline.ts';

const FRAME_MS = 20;
/** Room for a frame and for the longest packet there is (1500 octets of G.722). */
const CAPACITY = 4096;
/** Timestamps that differ from the expected by less than this are sloppiness, not a gap. */
const SLACK_MS = 5;
/** How long a packet that is missing is waited for when later ones are there: as slow ones come, within these. */
const LEAST_PATIENCE_MS = 20;
const MOST_PATIENCE_MS = 200;
/** When nothing at all comes for so long, the far side is silent; one that said that it pauses is so sooner. */
const SILENT_AFTER_MS = 200;
const PAUSING_AFTER_MS = 60;
/** Concealment longer than this is no help any more. */
const MAX_CONCEALED_MS = 200;
/** A process that stood still for longer does not make up for it. */
const MOST_FILLED_MS = 1000;

/** 20 ms of sound; `samples` is reused afterwards. `sounds`: it holds sound of the far side, else zeros. */
export type TakeFrame = (samples: Int16Array, n: number, sounds: boolean, nowMs: number) => void;

/**
 * The far side's sound as soon as it comes, for those who need no even clock: frames of 20 ms in the right order, packets
 * that overtook others held back only until those came or are given up. Lost ones are concealed and pauses filled with
 * silence, so that the frames go on like the far side's time; nothing is stretched or cut. Allocates nothing per packet.
 */
export class ArrivalReader {
  readonly #take: TakeFrame;
  readonly #decoder: FrameDecoder;
  readonly #perMs: number;
  readonly #unitsPerSample: number;
  readonly #unitsPerMs: number;
  readonly #frame: number;
  readonly #timeline: StreamTimeline;
  readonly #arrivals = new ArrivalDelay(MOST_PATIENCE_MS);
  readonly #ring = new PacketRing();
  readonly #samples = new Int16Array(CAPACITY);
  #held = 0;
  /** How many of the held samples come before the last sound of the far side ends. */
  #sounding = 0;
  /** Number of the last packet that was taken or given up. */
  #played = 0;
  /** Time of the stream up to which everything was taken, in units. */
  #next = 0;
  /** Since when a packet behind this number is missing though later ones are there. */
  #waitsBehind = -1;
  #waitsSinceMs = 0;
  /** The far side said that it sends no sound now. */
  #pausing = false;
  readonly #pause: FallingSilent;
  /** The next packet begins anew. */
  #fresh = true;

  constructor(codec: AudioCodec, take: TakeFrame) {
    this.#take = take;
    this.#decoder = codec.createDecoder();
    this.#pause = new FallingSilent(this.#decoder, codec.sampleRateHz);
    this.#perMs = codec.sampleRateHz / 1000;
    this.#unitsPerMs = codec.clockRateHz / 1000;
    this.#unitsPerSample = codec.clockRateHz / codec.sampleRateHz;
    this.#frame = FRAME_MS * this.#perMs;
    this.#timeline = new StreamTimeline(codec.clockRateHz);
  }

  /** Takes one packet of this codec as it arrives, in any order; what it completes is handed out at once. */
  insert(packet: RtpPacket, nowMs: number): void {
    const samples = this.#decoder.samplesIn(packet.bytes, packet.payloadOffset, packet.payloadLength);
    // One that is damaged is as good as lost.
    if (samples > 0) this.#insert(packet, samples * this.#unitsPerSample, nowMs);
  }

  /** Takes a packet of the stream that holds no sound (comfort noise, telephone-event): what follows is a pause. */
  insertPause(packet: RtpPacket, nowMs: number): void {
    this.#insert(packet, 0, nowMs);
  }

  /** To be called every packet or so: gives up what is missing for too long. */
  tick(nowMs: number): void {
    this.#drain(nowMs);
    const patienceMs = this.#pausing ? PAUSING_AFTER_MS + this.#arrivals.neededMs : SILENT_AFTER_MS;
    const overdueMs = this.#lateMs(this.#next, nowMs) - patienceMs - MOST_FILLED_MS;
    if (overdueMs > 0) this.#next += overdueMs * this.#unitsPerMs;
    while (this.#lateMs(this.#next, nowMs) >= patienceMs + FRAME_MS) {
      const n = this.#frame - this.#held;
      this.#next += n * this.#unitsPerSample;
      this.#rest(n);
      this.#handOut(nowMs);
    }
  }

  /** Packets went elsewhere meanwhile; those that come now follow no others. */
  restart(): void {
    this.#fresh = true;
  }

  #insert(packet: RtpPacket, durationUnits: number, nowMs: number): void {
    const timeline = this.#timeline;
    if (!timeline.place(packet, durationUnits, nowMs, this.#arrivals.baseMs)) return;
    const { number, time } = timeline;
    if (this.#fresh) {
      this.#fresh = false;
      this.#played = number - 1;
      this.#next = time;
    }
    if (number <= this.#played || this.#ring.has(number)) return;
    if (!this.#ring.put(number, time, durationUnits, packet)) return;
    if (durationUnits > 0) {
      const transitMs = nowMs - time / this.#unitsPerMs;
      // Later than a network delays: the far side's clock stood still, or the sound comes by another way.
      if (transitMs - this.#arrivals.baseMs > MOST_PATIENCE_MS) this.#arrivals.rebase(transitMs, nowMs);
      else this.#arrivals.observe(transitMs, nowMs);
    }
    this.#drain(nowMs);
  }

  /** How long ago sound of this time should have come at the latest, were it as fast as the fastest. */
  #lateMs(time: number, nowMs: number): number {
    const { baseMs } = this.#arrivals;
    return baseMs === Number.POSITIVE_INFINITY ? 0 : nowMs - time / this.#unitsPerMs - baseMs;
  }

  #drain(nowMs: number): void {
    const ring = this.#ring;
    for (let slot = ring.first(this.#played); slot >= 0; slot = ring.first(this.#played)) {
      const number = ring.number(slot);
      const isNext = number === this.#played + 1;
      if (!isNext && this.#mayStillCome(nowMs)) return;
      if (ring.duration(slot) === 0) this.#pausing = true;
      else this.#give(slot, isNext, nowMs);
      this.#played = number;
      ring.release(slot);
    }
  }

  /** Whether what is missing before the first packet held is waited for. */
  #mayStillCome(nowMs: number): boolean {
    if (this.#waitsBehind !== this.#played) {
      this.#waitsBehind = this.#played;
      this.#waitsSinceMs = nowMs;
    }
    return nowMs - this.#waitsSinceMs < Math.max(LEAST_PATIENCE_MS, this.#arrivals.neededMs);
  }

  #give(slot: number, isNext: boolean, nowMs: number): void {
    const ring = this.#ring;
    const gap = ring.time(slot) - this.#next;
    if (gap > SLACK_MS * this.#unitsPerMs) this.#bridge(slot, gap, !isNext && !this.#pausing, nowMs);
    this.#pausing = false;
    this.#next = ring.time(slot) + ring.duration(slot);
    const { bytes } = ring;
    const at = ring.payloadAt(slot);
    const length = ring.payloadLength(slot);
    if (this.#held + this.#decoder.samplesIn(bytes, at, length) > CAPACITY) return;
    this.#held += this.#decoder.decode(bytes, at, length, this.#samples, this.#held);
    this.#sounding = this.#held;
    this.#pause.sounded();
    this.#handOut(nowMs);
  }

  /** Fills the time before a packet, at most as much as {@link tick} leaves open: more is a jump of the far side's clock. */
  #bridge(slot: number, gap: number, isLost: boolean, nowMs: number): void {
    const most = (SILENT_AFTER_MS + 2 * FRAME_MS) * this.#perMs;
    let missing = Math.min(most, Math.floor(gap / this.#unitsPerSample));
    if (isLost && missing <= MAX_CONCEALED_MS * this.#perMs) {
      if (!this.#recover(slot, missing)) this.#decoder.conceal(this.#samples, this.#held, missing);
      this.#held += missing;
      this.#sounding = this.#held;
      this.#pause.sounded();
    } else {
      for (; missing > 0; missing -= this.#frame) {
        this.#rest(Math.min(missing, this.#frame));
        this.#handOut(nowMs);
      }
    }
    this.#handOut(nowMs);
  }

  /** Takes the lost sound from the copy in the packet after it, if there is one. */
  #recover(slot: number, n: number): boolean {
    const ring = this.#ring;
    if (n * this.#unitsPerSample > ring.duration(slot)) return false;
    const { bytes } = ring;
    const length = ring.payloadLength(slot);
    return this.#decoder.recover?.(bytes, ring.payloadAt(slot), length, this.#samples, this.#held, n) ?? false;
  }

  #rest(n: number): void {
    const at = this.#held;
    this.#held += n;
    if (this.#pause.write(this.#samples, at, n)) this.#sounding = this.#held;
  }

  #handOut(nowMs: number): void {
    const { length } = this.#samples;
    const n = this.#frame;
    while (this.#held >= n) {
      const sounds = this.#sounding > 0;
      this.#take(this.#samples, n, sounds, nowMs);
      this.#held -= n;
      this.#samples.copyWithin(0, n, Math.min(length, n + this.#held));
      this.#sounding = Math.max(0, this.#sounding - n);
    }
  }
}
