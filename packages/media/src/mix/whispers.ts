import { NARROW_FRAME, WIDE_FRAME } from '../session/frame-stage.ts';
import type { FrameRingWriter } from './frame-ring.ts';
import { HISTORY, type MixMember, WHISPERED } from './mix-member.ts';
import type { MixPort } from './mix-port.ts';
import type { Whisper } from './whisper.ts';

/** Somebody in a room who may be a coach, and may have coaches. */
export interface Whisperer {
  readonly member: MixMember;
  readonly port: MixPort;
  /** Carries its voice to a listener on another worker. */
  coachWriter: FrameRingWriter | null;
  /** Of its coaches. */
  whispers: Whisper[];
}

const narrowFrame = new Int32Array(NARROW_FRAME);
const wideFrame = new Int32Array(WIDE_FRAME);

/** What the coaches of a room whisper, every 20 ms to those who hear it, here and on other workers. */
export class Whispers {
  readonly #participants: { values(): Iterable<Whisperer> };
  /** What those still hear of their coaches who have just left, in the packet in which they fade out. */
  #departed: { whispers: Whisper[]; framesLeft: number }[] = [];
  #count = 0;

  constructor(participants: { values(): Iterable<Whisperer> }) {
    this.#participants = participants;
  }

  /** To be told of every change of who whispers to whom. */
  changed(): void {
    this.#count = this.#departed.length;
    for (const { port, whispers, coachWriter } of this.#participants.values()) {
      port.whispers = whispers;
      this.#count += whispers.length + (coachWriter === null ? 0 : 1);
    }
  }

  /** One that is in the room no more. */
  depart({ whispers }: Whisperer): void {
    if (whispers.length > 0) this.#departed.push({ whispers, framesLeft: HISTORY });
    this.changed();
  }

  /** Hands on the frame in `slot`. */
  carry(slot: number): void {
    if (this.#count === 0) return;
    let isAnyOver = false;
    for (const { member, coachWriter, whispers } of this.#participants.values()) {
      for (const whisper of whispers) {
        whisper.read(slot);
        if (whisper.isOver) isAnyOver = true;
      }
      if (coachWriter !== null) writeFrame(coachWriter, member, slot);
    }
    for (const departed of this.#departed) {
      for (const whisper of departed.whispers) whisper.read(slot);
      if (--departed.framesLeft === 0) isAnyOver = true;
    }
    if (isAnyOver) this.#drop();
  }

  #drop(): void {
    for (const one of this.#participants.values()) one.whispers = one.whispers.filter(({ isOver }) => !isOver);
    this.#departed = this.#departed.filter(({ framesLeft }) => framesLeft > 0);
    this.changed();
  }
}

function writeFrame(writer: FrameRingWriter, { sounds, stage, narrow, wide }: MixMember, slot: number): void {
  const whispers = sounds[slot] === WHISPERED;
  const isWide = stage.sampleRateHz === 16_000;
  if (whispers && isWide) spread(wide, slot * WIDE_FRAME, wideFrame);
  if (whispers && !isWide) spread(narrow, slot * NARROW_FRAME, narrowFrame);
  writer.write(whispers && !isWide ? narrowFrame : null, 0, whispers && isWide ? wideFrame : null, 0);
}

function spread(samples: Int16Array, at: number, target: Int32Array): void {
  for (let i = 0; i < target.length; i++) target[i] = samples[at + i] as number;
}
