import type { EventStore } from '@voxology/store';
import { CallLog } from './call-log.ts';

interface InUse {
  readonly log: CallLog | Promise<CallLog>;
  users: number;
}

/** The event logs in use, by call: one of them counts its lines, however many add to it at a time. */
export class CallLogs {
  readonly #events: Pick<EventStore, 'append' | 'lastSeq'>;
  readonly #inUse = new Map<string, InUse>();

  constructor(events: Pick<EventStore, 'append' | 'lastSeq'>) {
    this.#events = events;
  }

  /** The log of a call that begins; {@link release} ends its use. */
  begin(callId: string): CallLog {
    const log = new CallLog(callId, this.#events);
    this.#inUse.set(callId, { log, users: 1 });
    return log;
  }

  isInUse(callId: string): boolean {
    return this.#inUse.has(callId);
  }

  /** The log of a call for as long as `act` takes: that of a live one, or one that goes on where the last one ended. */
  async use<T>(callId: string, act: (log: CallLog) => Promise<T>): Promise<T> {
    let inUse = this.#inUse.get(callId);
    if (inUse === undefined) {
      inUse = { log: this.#resume(callId), users: 0 };
      this.#inUse.set(callId, inUse);
    }
    inUse.users += 1;
    try {
      return await act(await inUse.log);
    } finally {
      this.release(callId);
    }
  }

  /** One use less; after the last one nothing can be added to the log, so that another one may go on. */
  release(callId: string): void {
    const inUse = this.#inUse.get(callId);
    if (inUse === undefined) return;
    inUse.users -= 1;
    if (inUse.users > 0) return;
    this.#inUse.delete(callId);
    if (inUse.log instanceof CallLog) inUse.log.close();
    else
      void inUse.log.then(
        (log) => log.close(),
        () => undefined,
      );
  }

  async #resume(callId: string): Promise<CallLog> {
    return new CallLog(callId, this.#events, await this.#events.lastSeq(callId));
  }
}
