import { AUDIO_CODECS } from '../codec/codecs.ts';
import type { PlaybackOutcome } from '../session/events.ts';
import type { RtpStream, StreamGroup } from '../session/rtp-stream.ts';
import { ActiveSpeaker, TAKE_OVER_RATIO } from './active-speaker.ts';
import { FrameRingReader, FrameRingWriter } from './frame-ring.ts';
import type { FrameRingMemory } from './frame-ring-memory.ts';
import { Mix } from './mix.ts';
import { HISTORY, MixMember } from './mix-member.ts';
import { MixPort } from './mix-port.ts';
import { PromptForOthers } from './prompt-for-others.ts';
import { RingWhisper } from './ring-whisper.ts';
import { RoomPrompt } from './room-prompt.ts';
import { LocalWhisper } from './whisper.ts';
import { type Whisperer, Whispers } from './whispers.ts';

/** How a member takes part. */
export interface PartSettings {
  muted: boolean;
  held: boolean;
  gainDb: number;
  /** Who alone hears it. */
  coach: RtpStream | FrameRingMemory | null;
}

export interface RoomPartOptions {
  now: () => number;
  /**
   * Who speaks changed, null: nobody does; or, in a room over several workers, how loud it is. Without this nobody is
   * looked for.
   */
  onSpeaker: ((stream: RtpStream | null, level: number) => void) | null;
  /** The part was closed and its last sound is out. */
  onSilent: () => void;
}

interface Participant extends Whisperer {
  stream: RtpStream;
  /** Who alone hears it; a coach whose listener left has none any more, and still coaches. */
  coach: PartSettings['coach'];
  isCoach: boolean;
  /** What a listener on this worker hears of it. */
  ownWhisper: LocalWhisper | null;
}

/** Frames between two looks at who speaks. */
const SPEAKER_FRAMES = 5;
/** Frames that a closed part goes on for, so that its members fade out. */
const LAST_FRAMES = HISTORY + 1;

/** One worker's part of a room (or all of it): who takes part and how, and its {@link Mix} every 20 ms. */
export class RoomPart implements StreamGroup {
  readonly #options: RoomPartOptions;
  readonly #mix = new Mix();
  readonly #participants = new Map<RtpStream, Participant>();
  readonly #prompts = new Map<string, RoomPrompt>();
  readonly #speaker = new ActiveSpeaker();
  #toldLevel = 0;
  readonly #whispers = new Whispers(this.#participants);
  #readers: FrameRingReader[] = [];
  #published: number | null = null;
  #lastFrames: number | null = null;
  #isBroken = false;

  constructor(options: RoomPartOptions) {
    this.#options = options;
  }

  /** Throws when the mix broke before. */
  join(stream: RtpStream, settings: PartSettings): void {
    if (this.#isBroken) throw new Error('The mix of this room broke; close the room and open another one');
    const member = new MixMember(stream.stage, 0);
    const port = new MixPort(this.#mix, member);
    const participant: Participant = {
      stream,
      member,
      port,
      coach: null,
      isCoach: false,
      coachWriter: null,
      ownWhisper: null,
      whispers: [],
    };
    this.#participants.set(stream, participant);
    this.#mix.add(member);
    stream.stage.setMixed(true);
    stream.outgoing.setFeed(port);
    this.reconfigured(stream);
    this.#apply(participant, settings);
  }

  update(stream: RtpStream, settings: PartSettings): void {
    const participant = this.#participants.get(stream);
    if (participant !== undefined) this.#apply(participant, settings);
  }

  leave(stream: RtpStream): void {
    const participant = this.#participants.get(stream);
    if (participant === undefined) return;
    const { member, port } = participant;
    this.#participants.delete(stream);
    this.#mix.remove(member, this.#options.now());
    stream.stage.setMixed(false);
    port.leave();
    this.#setCoach(participant, null);
    for (const other of this.#participants.values()) if (other.coach === stream) other.coach = null;
    this.#countWideListeners();
    this.#whispers.depart(participant);
  }

  reconfigured(stream: RtpStream): void {
    const participant = this.#participants.get(stream);
    if (participant === undefined || stream.agreement === null) return;
    participant.member.listensAtHz = AUDIO_CODECS[stream.agreement.codec].sampleRateHz;
    this.#countWideListeners();
  }

  ends(stream: RtpStream): void {
    this.leave(stream);
  }

  /** What the part tells the other workers' parts, and what it hears of them. */
  link(publish: FrameRingMemory | null, hear: FrameRingMemory[]): void {
    const mix = this.#mix;
    if (publish?.ringId !== this.#published) {
      this.#published = publish?.ringId ?? null;
      mix.publisher = publish === null ? null : new FrameRingWriter(publish.memory);
    }
    this.#readers = hear.map(({ ringId, memory }) => {
      return this.#readers.find((reader) => reader.ringId === ringId) ?? new FrameRingReader(ringId, memory);
    });
    mix.setReaders(this.#readers);
  }

  hearCoach(stream: RtpStream, ring: FrameRingMemory): void {
    this.#participants.get(stream)?.whispers.push(new RingWhisper(ring));
    this.#whispers.changed();
  }

  unhearCoach(stream: RtpStream, ringId: number): void {
    for (const whisper of this.#participants.get(stream)?.whispers ?? []) {
      if (whisper instanceof RingWhisper && whisper.ringId === ringId) whisper.end();
    }
  }

  /** `exceptFor` does not hear it. */
  play(
    playbackId: string,
    samples: Int16Array,
    exceptFor: RtpStream | null,
    onEnd: (outcome: PlaybackOutcome) => void,
  ): void {
    const prompt = new RoomPrompt(samples, (outcome) => {
      this.#prompts.delete(playbackId);
      onEnd(outcome);
    });
    this.#prompts.set(playbackId, prompt);
    const deaf = exceptFor === null ? undefined : this.#participants.get(exceptFor)?.port;
    if (deaf === undefined) {
      this.#mix.addInput(prompt);
      return;
    }
    const others: PromptForOthers = new PromptForOthers(prompt, () => {
      deaf.unheard = deaf.unheard.filter((one) => one !== others);
    });
    deaf.unheard = [...deaf.unheard, others];
    this.#mix.addInput(others);
  }

  stopPlayback(playbackId: string): void {
    this.#prompts.get(playbackId)?.stop();
  }

  /** Everybody leaves; the last sound fades out. */
  close(): void {
    for (const stream of [...this.#participants.keys()]) {
      this.leave(stream);
      if (stream.group === this) stream.group = null;
    }
    for (const prompt of this.#prompts.values()) prompt.stop();
    this.#lastFrames = LAST_FRAMES;
  }

  /** Called every 20 ms. */
  tick(_tick: number, nowMs: number): void {
    try {
      this.#mixNext(nowMs);
    } catch (error) {
      this.#break(error);
    }
  }

  #mixNext(nowMs: number): void {
    const mix = this.#mix;
    mix.run(nowMs);
    for (const member of mix.members) if (member.error !== null) this.#fail(member);
    this.#whispers.carry(mix.frame % HISTORY);
    if (this.#options.onSpeaker !== null && mix.frame % SPEAKER_FRAMES === 0) this.#lookForSpeaker();
    if (this.#lastFrames !== null && --this.#lastFrames === 0) this.#options.onSilent();
  }

  /** An error of ours in the mix itself ends the sessions in it and nothing else. */
  #break(error: unknown): void {
    this.#isBroken = true;
    const streams = [...this.#participants.keys()];
    this.#participants.clear();
    for (const stream of streams) {
      // The broken mix is asked nothing any more.
      stream.group = null;
      stream.fail(error);
    }
    this.#options.onSilent();
  }

  /** An error of ours in one member's sound ends that session and nothing else. */
  #fail(member: MixMember): void {
    for (const { stream, member: one } of [...this.#participants.values()]) {
      if (one === member) stream.fail(member.error);
    }
  }

  #apply(participant: Participant, { muted, held, gainDb, coach }: PartSettings): void {
    participant.member.setGain(muted || held ? 0 : 10 ** (gainDb / 20));
    participant.port.setListens(!held);
    this.#setCoach(participant, coach);
  }

  #setCoach(participant: Participant, coach: PartSettings['coach']): void {
    const { coach: before, member } = participant;
    const isSame = before === coach || (isRing(before) && isRing(coach) && before.ringId === coach.ringId);
    if (isSame && participant.isCoach === (coach !== null)) return;
    participant.coach = coach;
    participant.isCoach = coach !== null;
    participant.coachWriter = isRing(coach) ? new FrameRingWriter(coach.memory) : null;
    participant.ownWhisper?.end();
    participant.ownWhisper = null;
    if (coach !== null && !isRing(coach)) {
      participant.ownWhisper = new LocalWhisper(member);
      this.#participants.get(coach)?.whispers.push(participant.ownWhisper);
    }
    member.handOver(coach !== null);
    this.#whispers.changed();
  }

  #lookForSpeaker(): void {
    const { onSpeaker } = this.#options;
    const hasChanged = this.#speaker.check(this.#mix.members);
    const { current, level } = this.#speaker;
    if (!hasChanged && !this.#isLouderOrSofter(level)) return;
    this.#toldLevel = level;
    for (const { stream, member } of this.#participants.values()) if (member === current) onSpeaker?.(stream, level);
    if (current === null) onSpeaker?.(null, 0);
  }

  /** The speakers of several parts are compared, and nobody is at once as loud as he will be. */
  #isLouderOrSofter(level: number): boolean {
    if (this.#readers.length === 0 || this.#speaker.current === null) return false;
    return level > this.#toldLevel * TAKE_OVER_RATIO || level * TAKE_OVER_RATIO < this.#toldLevel;
  }

  #countWideListeners(): void {
    let count = 0;
    for (const { member } of this.#participants.values()) if (member.listensAtHz === 16_000) count++;
    this.#mix.wideListeners = count;
  }
}

function isRing(coach: PartSettings['coach']): coach is FrameRingMemory {
  return coach !== null && 'ringId' in coach;
}
