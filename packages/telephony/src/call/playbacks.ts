import type { Effect, PlaySource } from '@voxology/callflow';
import type { PromptRef } from '@voxology/media';
import type { Prompts } from '../prompt/prompts.ts';
import type { CallLog } from './call-log.ts';
import type { CallInput, PostInput } from './input.ts';
import type { Leg } from './leg.ts';
import { PART_PAUSE_MS, speechParts } from './speech-parts.ts';

interface Playback {
  id: string;
  /** Where it is heard. */
  leg: Leg;
  parts: readonly PlaySource[];
  /** Of the prompts: what the call hears whole as it begins. */
  sampleRateHz: number | undefined;
  index: number;
  /** The part after the current one, made while that is heard. */
  next: Promise<PromptRef> | null;
  /** Null while a part is on the leg. */
  preparing: AbortController | null;
  pause: NodeJS.Timeout | undefined;
}

/** The playbacks of one call: prompts are made, put on the leg, and long texts go on part by part behind one playback id. */
export class Playbacks {
  readonly #prompts: Pick<Prompts, 'get'>;
  readonly #log: CallLog;
  readonly #post: PostInput;
  readonly #nowMs: () => number;
  readonly #running = new Map<string, Playback>();

  constructor(prompts: Pick<Prompts, 'get'>, log: CallLog, post: PostInput, nowMs: () => number) {
    this.#prompts = prompts;
    this.#log = log;
    this.#post = post;
    this.#nowMs = nowMs;
  }

  /** `leg` null: there is nobody to hear it, and nothing follows. */
  play(leg: Leg | null, { playbackId: id, source }: Extract<Effect, { type: 'play' }>): void {
    if (leg === null) return;
    const playback: Playback = {
      id,
      leg,
      parts: speechParts(source),
      sampleRateHz: leg.session?.promptRateHz,
      index: 0,
      next: null,
      preparing: null,
      pause: undefined,
    };
    this.#running.set(id, playback);
    void this.#prepare(playback);
  }

  /** `playback_ended` with `stopped` follows, at once when nothing is on the leg yet; nothing when it has ended. */
  stop(id: string): void {
    const playback = this.#running.get(id);
    if (playback === undefined) return;
    if (playback.preparing === null) {
      playback.leg.stopPlayback(partId(playback));
      return;
    }
    this.#forget(playback);
    this.#post({ type: 'playback_ended', playbackId: id, outcome: 'stopped' });
  }

  /** What the leg says of a part, told as the flow understands it; null when the flow need not hear of it. */
  translate(input: CallInput): CallInput | null {
    if (input.type !== 'playback_ended') return input;
    const playback = this.#running.get(input.playbackId.split('/', 1)[0] ?? '');
    if (playback === undefined || playback.preparing !== null || partId(playback) !== input.playbackId) return input;
    const isLast = playback.index === playback.parts.length - 1;
    if (isLast || input.outcome === 'stopped') {
      this.#forget(playback);
      return { ...input, playbackId: playback.id };
    }
    playback.index += 1;
    playback.preparing = new AbortController();
    playback.pause = setTimeout(() => void this.#prepare(playback), PART_PAUSE_MS);
    return null;
  }

  /** The call is over: nothing more is made. */
  abort(): void {
    for (const playback of this.#running.values()) this.#forget(playback);
  }

  async #prepare(playback: Playback): Promise<void> {
    const preparing = playback.preparing ?? new AbortController();
    playback.preparing = preparing;
    try {
      const prompt = await (playback.next ?? this.#get(playback, playback.index, preparing));
      if (preparing.signal.aborted) return;
      const offsetMs = offsetOf(playback);
      if (offsetMs > 0 && offsetMs >= prompt.durationMs) {
        this.#endAtOnce(playback, prompt);
        return;
      }
      playback.preparing = null;
      playback.leg.play(partId(playback), prompt, offsetMs);
      this.#prepareNext(playback);
    } catch (error) {
      // Stopped on purpose: the flow has been told already.
      if (preparing.signal.aborted) return;
      this.#forget(playback);
      const reason = error instanceof Error ? error.message : String(error);
      this.#post({ type: 'playback_failed', playbackId: playback.id, reason });
    }
  }

  #endAtOnce(playback: Playback, { durationMs }: PromptRef): void {
    this.#forget(playback);
    const message = `the offset of ${offsetOf(playback)} ms is beyond the end of the file, which lasts ${Math.round(durationMs)} ms`;
    this.#log.note('event', 'warning', { message }, this.#nowMs());
    this.#post({ type: 'playback_ended', playbackId: playback.id, outcome: 'completed' });
  }

  #prepareNext(playback: Playback): void {
    playback.next = null;
    if (playback.index + 1 >= playback.parts.length) return;
    playback.next = this.#get(playback, playback.index + 1, new AbortController());
    // A failure shows when it is that part's turn.
    playback.next.catch(() => undefined);
  }

  #get({ parts, sampleRateHz }: Playback, index: number, preparing: AbortController): Promise<PromptRef> {
    return this.#prompts.get(parts[index] as PlaySource, preparing.signal, this.#log, sampleRateHz);
  }

  #forget(playback: Playback): void {
    clearTimeout(playback.pause);
    playback.preparing?.abort();
    this.#running.delete(playback.id);
  }
}

/** What a part is called on the leg: the playback's own id when there is only one. */
function partId({ id, parts, index }: Playback): string {
  return parts.length === 1 ? id : `${id}/${index}`;
}

function offsetOf({ parts, index }: Playback): number {
  const source = parts[index];
  return source?.kind === 'url' ? (source.offsetMs ?? 0) : 0;
}
