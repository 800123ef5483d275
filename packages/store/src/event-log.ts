import { type Kysely, sql } from 'kysely';
import type { CallWriter } from './call-writer.ts';
import type { EventLogStats, EventStore } from './contract.ts';
import { errorText } from './errors.ts';
import { toJsonText } from './json-text.ts';
import type { CallEvent } from './rows.ts';
import type { Tables } from './tables.ts';

interface Buffer {
  firstSeq: number;
  /** The events so far, as JSON texts joined by commas. */
  text: string;
  bytes: number;
  count: number;
}

/** Beyond this much buffered text nothing waits for the interval. */
const earlyFlushBytes = 256 * 1024;

/** Gathers the events of all calls and hands them to the call writer, one chunk per call and interval. */
export class EventLog implements EventStore {
  readonly #db: Kysely<Tables>;
  readonly #writer: CallWriter;
  readonly #flushIntervalMs: number;
  readonly #maxBytes: number;
  readonly #buffers = new Map<string, Buffer>();
  #timer: NodeJS.Timeout | null = null;
  /** Not yet handed to the writer. */
  #waitingBytes = 0;
  readonly #stats: EventLogStats = { bufferedEvents: 0, bufferedBytes: 0, appendedEvents: 0, droppedEvents: 0 };

  constructor(parts: { db: Kysely<Tables>; writer: CallWriter; flushIntervalMs: number; maxBytes: number }) {
    this.#db = parts.db;
    this.#writer = parts.writer;
    this.#flushIntervalMs = parts.flushIntervalMs;
    this.#maxBytes = parts.maxBytes;
  }

  append(callId: string, events: readonly CallEvent[]): boolean {
    const [first] = events;
    if (first === undefined) return true;
    if (this.#stats.bufferedBytes >= this.#maxBytes) {
      this.#stats.droppedEvents += events.length;
      return false;
    }
    let text = '';
    for (const event of events) text = text === '' ? eventText(event) : `${text},${eventText(event)}`;
    const buffer = this.#buffers.get(callId);
    if (buffer === undefined) {
      this.#buffers.set(callId, { firstSeq: first.seq, text, bytes: text.length, count: events.length });
    } else {
      buffer.text = `${buffer.text},${text}`;
      buffer.bytes += text.length;
      buffer.count += events.length;
    }
    this.#stats.appendedEvents += events.length;
    this.#stats.bufferedEvents += events.length;
    this.#stats.bufferedBytes += text.length;
    this.#waitingBytes += text.length;
    if (this.#waitingBytes >= earlyFlushBytes) this.releaseAll();
    else this.#timer ??= setTimeout(() => this.releaseAll(), this.#flushIntervalMs);
    return true;
  }

  async flush(callId?: string): Promise<void> {
    if (callId === undefined) await Promise.all(this.releaseAll());
    else await this.release(callId);
    await this.#writer.drain();
  }

  async list(callId: string): Promise<CallEvent[]> {
    await this.flush(callId);
    const chunks = await this.#db
      .selectFrom('call_events')
      .select('events')
      .where('call_id', '=', callId)
      .orderBy('first_seq')
      .execute();
    return chunks.flatMap(({ events }) => events as CallEvent[]);
  }

  async lastSeq(callId: string): Promise<number> {
    await this.flush(callId);
    const last = await this.#db
      .selectFrom('call_events')
      .select(sql<number>`(events -> -1 ->> 'seq')::integer`.as('seq'))
      .where('call_id', '=', callId)
      .orderBy('first_seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    return last?.seq ?? 0;
  }

  stats(): EventLogStats {
    return { ...this.#stats };
  }

  /** Hands the buffered events of all calls to the writer. */
  releaseAll(): Promise<void>[] {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    return Array.from(this.#buffers.keys(), (callId) => this.release(callId));
  }

  /** Hands the buffered events of one call to the writer: they are written before what is pushed after. */
  release(callId: string): Promise<void> {
    const buffer = this.#buffers.get(callId);
    if (buffer === undefined) return Promise.resolve();
    this.#buffers.delete(callId);
    const { text, bytes, count, firstSeq } = buffer;
    this.#waitingBytes -= bytes;
    const settle = (dropped: number) => {
      this.#stats.bufferedEvents -= count;
      this.#stats.bufferedBytes -= bytes;
      this.#stats.droppedEvents += dropped;
    };
    const written = this.#writer.push({ kind: 'events', callId, firstSeq, events: `[${text}]` });
    written.then(
      () => settle(0),
      () => settle(count),
    );
    return written;
  }
}

/** What cannot be JSON is a mistake of ours elsewhere; the log says so instead of losing the entry. */
function eventText(event: CallEvent): string {
  try {
    return toJsonText(event);
  } catch (error) {
    return toJsonText({ ...event, data: { unserialisable: errorText(error) } });
  }
}
