import type { Effect } from '@voxology/callflow';
import type { Finding, MediaSession } from '@voxology/media';
import type { PostInput } from '../call/input.ts';

type DetectionEffect = Extract<Effect, { type: 'start_detection' | 'stop_detection' }>;
type Want = Extract<DetectionEffect, { type: 'start_detection' }>['want'][number];

/** What the flow of one call wants to know of its remote party: who or what it is, when it beeps. */
export class CallDetections {
  readonly #post: PostInput;
  readonly #wanted = new Map<string, Set<Want>>();
  #listening = false;

  constructor(post: PostInput) {
    this.#post = post;
  }

  carryOut(session: MediaSession, effect: DetectionEffect): void {
    const { detectionId } = effect;
    if (effect.type === 'stop_detection') {
      if (this.#wanted.delete(detectionId)) session.stopAnalysis(detectionId);
      return;
    }
    if (!this.#listening) {
      this.#listening = true;
      session.on('finding', ({ analysisId, finding }) => this.#take(session, analysisId, finding));
    }
    this.#wanted.set(detectionId, new Set(effect.want));
    session.startAnalysis(detectionId, effect.want.includes('party') ? { answering: {} } : {});
  }

  #take(session: MediaSession, detectionId: string, finding: Finding): void {
    const { kind } = finding;
    switch (kind) {
      case 'live_person':
      case 'answering_machine':
      case 'fax':
        if (this.#settle(session, detectionId, 'party')) {
          this.#post({ type: 'party_detected', detectionId, party: kind });
        }
        return;
      case 'beep':
        if (this.#settle(session, detectionId, 'beep')) this.#post({ type: 'beep_detected', detectionId });
        return;
    }
  }

  /** One of each detection; the analysis, which costs, ends with the last that was wanted. False: not wanted any more. */
  #settle(session: MediaSession, detectionId: string, want: Want): boolean {
    const wanted = this.#wanted.get(detectionId);
    if (wanted?.delete(want) !== true) return false;
    if (wanted.size === 0) {
      this.#wanted.delete(detectionId);
      session.stopAnalysis(detectionId);
    }
    return true;
  }
}
