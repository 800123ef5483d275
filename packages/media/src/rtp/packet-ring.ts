import type { RtpPacket } from './packet.ts';

const SLOTS = 128;
const MASK = SLOTS - 1;
const MAX_PAYLOAD_BYTES = 1500;

/** The last 128 packets by their extended number, payloads copied. Older ones make room for newer ones. */
export class PacketRing {
  /** All payloads. */
  bytes = new Uint8Array(0);
  readonly #numbers = new Float64Array(SLOTS).fill(-1);
  readonly #times = new Float64Array(SLOTS);
  readonly #durations = new Float64Array(SLOTS);
  readonly #lengths = new Uint16Array(SLOTS);
  readonly #present = new Uint8Array(SLOTS);
  #stride = 0;
  #highest = -1;

  /** True when this packet was put before, also after its release. */
  has(number: number): boolean {
    return this.#numbers[number & MASK] === number;
  }

  /** False, and nothing is put, when the payload is longer than 1500 octets or newer packets have taken the place. */
  put(number: number, time: number, duration: number, packet: RtpPacket): boolean {
    const slot = number & MASK;
    const { payloadLength: length, payloadOffset: from, bytes: source } = packet;
    if ((this.#numbers[slot] as number) >= number || length > MAX_PAYLOAD_BYTES) return false;
    if (length > this.#stride) this.#widen(length);
    const at = slot * this.#stride;
    const target = this.bytes;
    for (let i = 0; i < length; i++) target[at + i] = source[from + i] as number;
    this.#numbers[slot] = number;
    this.#present[slot] = 1;
    this.#times[slot] = time;
    this.#durations[slot] = duration;
    this.#lengths[slot] = length;
    if (number > this.#highest) this.#highest = number;
    return true;
  }

  /** The slot of the first packet after `number`, or -1. */
  first(number: number): number {
    for (let next = Math.max(number + 1, this.#highest - MASK); next <= this.#highest; next++) {
      const slot = next & MASK;
      if (this.#present[slot] === 1 && this.#numbers[slot] === next) return slot;
    }
    return -1;
  }

  /** The highest number that was put; -1 before the first. */
  get highest(): number {
    return this.#highest;
  }

  number(slot: number): number {
    return this.#numbers[slot] as number;
  }

  time(slot: number): number {
    return this.#times[slot] as number;
  }

  duration(slot: number): number {
    return this.#durations[slot] as number;
  }

  payloadAt(slot: number): number {
    return slot * this.#stride;
  }

  payloadLength(slot: number): number {
    return this.#lengths[slot] as number;
  }

  release(slot: number): void {
    this.#present[slot] = 0;
  }

  #widen(length: number): void {
    const stride = Math.min(MAX_PAYLOAD_BYTES, Math.ceil(length / 32) * 32);
    const bytes = new Uint8Array(stride * SLOTS);
    for (let slot = 0; slot < SLOTS; slot++) {
      bytes.set(this.bytes.subarray(slot * this.#stride, (slot + 1) * this.#stride), slot * stride);
    }
    this.bytes = bytes;
    this.#stride = stride;
  }
}
