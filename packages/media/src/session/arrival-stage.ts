import type { CodecName } from '../codec/audio-codec.ts';
import { AUDIO_CODECS } from '../codec/codecs.ts';
import { ArrivalReader } from '../rtp/arrival-reader.ts';
import type { RtpPacket } from '../rtp/packet.ts';
import { type FarSound, FRAME_MS, type FrameSink, NARROW_FRAME } from './frame-stage.ts';
import { PauseNoise } from './pause-noise.ts';

const NOTHING = new Int16Array(NARROW_FRAME);
/** A process that stood still for longer does not make up for it. */
const MOST_FILLED_MS = 1000;

/**
 * The far side's sound as frames as soon as it comes: 20 to 40 ms before {@link FrameStage} has it, and as unevenly as the
 * network brings it. For streams, which take it to somebody with a clock of his own.
 */
export class ArrivalStage implements FarSound {
  readonly #sink: FrameSink;
  /** Of all codecs heard so far: a far side may change between them with every packet. */
  readonly #readers = new Map<CodecName, ArrivalReader>();
  readonly #noise = new PauseNoise();
  #codec: CodecName | null = null;
  #reader: ArrivalReader | null = null;
  /** Up to when nothing has been told, as nothing has come yet. */
  #silentToMs: number;

  constructor(sink: FrameSink, nowMs: number) {
    this.#sink = sink;
    this.#silentToMs = nowMs;
  }

  insert(packet: RtpPacket, codec: CodecName, nowMs: number): void {
    this.#noise.heard(nowMs);
    if (this.#reader === null || this.#codec !== codec) this.#reader = this.#readerOf(codec);
    this.#reader.insert(packet, nowMs);
  }

  insertNoise(packet: RtpPacket, nowMs: number): void {
    this.insertPause(packet, nowMs);
    this.#noise.describe(packet, AUDIO_CODECS[this.#codec ?? 'PCMU'].sampleRateHz);
  }

  insertPause(packet: RtpPacket, nowMs: number): void {
    this.#noise.heard(nowMs);
    this.#reader?.insertPause(packet, nowMs);
  }

  endNoise(): void {
    this.#noise.end();
  }

  /** To be called every packet: pauses are told, and lost packets given up. */
  tick(nowMs: number): void {
    if (this.#reader !== null) {
      this.#reader.tick(nowMs);
      return;
    }
    this.#silentToMs = Math.max(this.#silentToMs, nowMs - MOST_FILLED_MS);
    for (; this.#silentToMs + FRAME_MS <= nowMs; this.#silentToMs += FRAME_MS) {
      this.#sink.frame(NOTHING, NARROW_FRAME, 8000, false, nowMs);
    }
  }

  #readerOf(name: CodecName): ArrivalReader {
    this.#codec = name;
    let reader = this.#readers.get(name);
    if (reader === undefined) {
      const { sampleRateHz } = AUDIO_CODECS[name];
      reader = new ArrivalReader(AUDIO_CODECS[name], (samples, n, sounds, nowMs) => {
        const isHeard = sounds || this.#noise.addTo(samples, n, nowMs);
        this.#sink.frame(samples, n, sampleRateHz, isHeard, nowMs);
      });
      this.#readers.set(name, reader);
    }
    reader.restart();
    return reader;
  }
}
