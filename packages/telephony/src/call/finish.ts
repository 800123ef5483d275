import type { SessionStats } from '@voxology/media';
import { type CallAudio, type CallEnding, type Store, StoreError } from '@voxology/store';
import type { Deliveries } from '../callback/deliveries.ts';
import { endDelivery } from '../callback/end-callbacks.ts';
import type { Call } from './call.ts';
import { audioOf } from './call-audio.ts';
import type { Conclusion } from './conclude.ts';
import type { Leg } from './leg.ts';
import { callOpening } from './opening.ts';
import { patiently } from './patience.ts';

/** A media worker that does not give a session back, or a recording that is not written, in this time is not waited for. */
const RELEASE_MS = 5000;

export interface FinishOptions {
  store: Store;
  endCallbacks: Pick<Deliveries, 'send'>;
  /** The call's record is on the disk, or cannot be written. */
  onRecorded(call: Call, audio: CallAudio | null): void;
  /** The last callback is delivered, or a job of its own. */
  onFinished(call: Call): void;
  onError(callId: string, error: unknown): void;
}

/** Ends a call in the books: media given back, the record durably closed, the last callback sent. */
export class Finish {
  readonly #options: FinishOptions;

  constructor(options: FinishOptions) {
    this.#options = options;
  }

  /** Never rejects: what cannot be written stays open in the store and is closed at the next start. */
  async finish(call: Call, leg: Leg, { record, endCallback }: Conclusion): Promise<void> {
    const { endCallbacks, onRecorded, onFinished } = this.#options;
    let audio: CallAudio | null = null;
    await this.#attempt(call, async () => {
      const stats = await within(RELEASE_MS, leg.release(), null);
      audio = audioOf(stats);
      if (stats !== null) call.log.note('media', 'session_ended', stats as unknown as JsonStats, record.endTimeMs);
    });
    await this.#attempt(call, () => within(RELEASE_MS, call.settled(), undefined));
    const isRecorded = await this.#attempt(call, () => this.#record(call, { ...record, audio, endCallback }));
    onRecorded(call, audio);
    if (isRecorded && endCallback !== null) {
      const { callId } = call.info;
      await this.#attempt(call, () => endCallbacks.send(callId, endDelivery(callId, endCallback)));
    }
    onFinished(call);
  }

  async #attempt(call: Call, act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      this.#options.onError(call.info.callId, error);
      return false;
    }
  }

  async #record(call: Call, ending: CallEnding): Promise<void> {
    await patiently(
      () => this.#options.store.calls.finish(call.info.callId, ending),
      // The row was refused when the call began; its end is the last moment to have one.
      { whenMissing: () => this.#openAgain(call) },
    );
  }

  async #openAgain(call: Call): Promise<void> {
    try {
      await this.#options.store.calls.open(callOpening(call.info, null));
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'overloaded') throw error;
    }
  }
}

type JsonStats = { [K in keyof SessionStats]: number };

/** What `act` gives, or `otherwise` when that takes too long. */
async function within<T>(timeoutMs: number, act: Promise<T>, otherwise: T): Promise<T> {
  let patience: NodeJS.Timeout | undefined;
  const lateness = new Promise<T>((resolve) => {
    patience = setTimeout(resolve, timeoutMs, otherwise);
  });
  try {
    return await Promise.race([act, lateness]);
  } finally {
    clearTimeout(patience);
  }
}
