import { RTP_HEADER_BYTES } from '../rtp/packet.ts';
import { NARROW_FRAME, WIDE_FRAME } from '../session/frame-stage.ts';
import type { PacketSource } from '../session/packet-source.ts';
import type { RtpSender } from '../session/rtp-sender.ts';
import type { Mix } from './mix.ts';
import { HISTORY, IN_MIX, type MixMember, type Voice, WHISPERED } from './mix-member.ts';
import { applyGain } from './samples.ts';

const LONGEST_PACKET_SAMPLES = 960;
const FADE_PARTS_PER_SECOND = 200;

// One at a time uses it: a worker sends one packet after the other.
const heard = new Int16Array(LONGEST_PACKET_SAMPLES);

/** What one member hears of a mix: everybody but itself, in its own codec and packets, at its own time. */
export class MixPort implements PacketSource {
  /** Those who whisper to this listener. */
  whispers: Voice[] = [];
  /** What everybody else hears. */
  unheard: readonly Voice[] = [];
  readonly #mix: Mix;
  readonly #self: MixMember;
  #rateHz = 0;
  /** The next sample to send, counted since the mix began. */
  #position = 0;
  #listens = true;
  #heardBefore = false;
  #leaves = false;

  constructor(mix: Mix, self: MixMember) {
    this.#mix = mix;
    this.#self = self;
  }

  /** Whether it hears anything from the next packet on. */
  setListens(listens: boolean): void {
    this.#listens = listens;
  }

  /** Fades out in the next packet, which is the last one. */
  leave(): void {
    this.#leaves = true;
  }

  sendPacket(sender: RtpSender, timestamp: number, first: boolean): boolean {
    const { codec, samplesPerPacket: n } = sender;
    const { sampleRateHz } = codec;
    const hears = this.#listens && !this.#leaves;
    const heardBefore = this.#heardBefore && !first;
    this.#heardBefore = hears;
    this.#moveTo(sampleRateHz, n);
    const position = this.#position;
    this.#position += n;
    if (!hears && !heardBefore) {
      sender.sendSilence(timestamp, first);
      return !this.#leaves;
    }
    if (hears && heardBefore && codec.silence !== null && this.#sendShared(sender, position, timestamp)) return true;
    this.#gather(position, n, sampleRateHz === 16_000);
    if (hears !== heardBefore) {
      const fade = Math.min(n, sampleRateHz / FADE_PARTS_PER_SECOND);
      applyGain(heard, 0, n, heardBefore ? 1 : 0, hears ? 1 : 0, fade);
    }
    sender.sendSamples(heard, 0, timestamp, first);
    return !this.#leaves;
  }

  /** Follows the mix by as little as lets every packet be filled, at the start and after anything went missing. */
  #moveTo(rateHz: number, n: number): void {
    const frameLength = rateHz / 50;
    const end = (this.#mix.frame + 1) * frameLength;
    const behind = end - this.#position;
    if (rateHz === this.#rateHz && behind >= n && behind <= HISTORY * frameLength) return;
    this.#rateHz = rateHz;
    // Packets that are no whole number of frames come before a frame is full now and then.
    const spare = n % frameLength === 0 ? n : frameLength % n === 0 ? frameLength : n + frameLength;
    this.#position = end - Math.min(spare, HISTORY * frameLength);
  }

  /** Sends what all silent listeners of the codec hear. False when this one hears something else. */
  #sendShared(sender: RtpSender, position: number, timestamp: number): boolean {
    if (sender.samplesPerPacket !== NARROW_FRAME || position % NARROW_FRAME !== 0) return false;
    if (this.whispers.length > 0 || this.unheard.length > 0) return false;
    const frame = position / NARROW_FRAME;
    const slot = frame % HISTORY;
    const mix = this.#mix;
    if (this.#self.sounds[slot] === IN_MIX || !isPlain(mix, slot)) return false;
    if (mix.sounds[slot] === 0) {
      sender.sendSilence(timestamp, false);
      return true;
    }
    const payload = mix.sharedPayload(sender.codec, slot, frame);
    const { packet } = sender;
    for (let i = 0; i < NARROW_FRAME; i++) packet[RTP_HEADER_BYTES + i] = payload[i] as number;
    sender.sendPayload(NARROW_FRAME, timestamp, false);
    return true;
  }

  /** Writes what is heard from `position` on into {@link heard}. */
  #gather(position: number, n: number, isWide: boolean): void {
    const frameLength = isWide ? WIDE_FRAME : NARROW_FRAME;
    for (let done = 0; done < n; ) {
      const from = position + done;
      const inFrame = from % frameLength;
      const length = Math.min(n - done, frameLength - inFrame);
      this.#gatherFrame(((from - inFrame) / frameLength) % HISTORY, inFrame, length, done, isWide);
      done += length;
    }
  }

  #gatherFrame(slot: number, inFrame: number, n: number, at: number, isWide: boolean): void {
    const mix = this.#mix;
    const frameLength = isWide ? WIDE_FRAME : NARROW_FRAME;
    const from = slot * frameLength + inFrame;
    const sum = isWide ? mix.wide : mix.narrow;
    const own = isWide ? this.#self.wide : this.#self.narrow;
    if (isPlain(mix, slot) && this.unheard.length === 0) {
      if (this.#self.sounds[slot] === IN_MIX) subtract(sum, own, from, n, at);
      else copy(sum, from, n, at);
    } else {
      const ownPart = this.#self.sounds[slot] === IN_MIX ? 1 : 0;
      const before = mix.gains[(slot + HISTORY - 1) % HISTORY] as number;
      const step = ((mix.gains[slot] as number) - before) / frameLength;
      for (let i = 0; i < n; i++) {
        const mine = ownPart * (own[from + i] as number) + sampleOf(this.unheard, from + i, isWide);
        const value = (sum[from + i] as number) - mine;
        heard[at + i] = clip(Math.round(value * (before + step * (inFrame + i))));
      }
    }
    for (const whisper of this.whispers) {
      if (whisper.sounds[slot] !== WHISPERED) continue;
      const voice = isWide ? whisper.wide : whisper.narrow;
      for (let i = 0; i < n; i++) heard[at + i] = clip((heard[at + i] as number) + (voice[from + i] as number));
    }
  }
}

/** Whether the mix is heard as it was summed, not turned down. */
function isPlain(mix: Mix, slot: number): boolean {
  return mix.gains[slot] === 1 && mix.gains[(slot + HISTORY - 1) % HISTORY] === 1;
}

function subtract(sum: Int32Array, own: Int16Array, from: number, n: number, at: number): void {
  for (let i = 0; i < n; i++) {
    const value = (sum[from + i] as number) - (own[from + i] as number);
    heard[at + i] = value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
  }
}

function copy(sum: Int32Array, from: number, n: number, at: number): void {
  for (let i = 0; i < n; i++) {
    const value = sum[from + i] as number;
    heard[at + i] = value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
  }
}

function sampleOf(voices: readonly Voice[], at: number, isWide: boolean): number {
  let sample = 0;
  for (let i = 0; i < voices.length; i++) {
    const voice = voices[i] as Voice;
    sample += (isWide ? voice.wide : voice.narrow)[at] as number;
  }
  return sample;
}

function clip(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
}
