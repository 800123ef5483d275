import type { QueueEffect } from '@voxology/callflow';
import type { MediaEngine } from '@voxology/media';
import { type BridgedLegs, bridgeLegs } from '../call/bridged-legs.ts';
import type { CallInput } from '../call/input.ts';
import type { Party } from '../call/party.ts';

type EnterEffect = Extract<QueueEffect, { type: 'enter_queue' }>;

/** A call that waits for its turn, or for somebody to come. */
interface Place {
  readonly party: Party;
  readonly queueId: string;
  readonly line: Line;
}

interface Waiting extends Place {
  readonly priority: number;
  readonly sinceMs: number;
  /** The place it was told last. */
  position: number;
}

/** One queue: who waits, in the order of their turns, and who waits for them. Empty ones are forgotten. */
interface Line {
  readonly key: string;
  waiting: Waiting[];
  connecting: Place[];
}

interface Connection {
  readonly bridge: BridgedLegs;
  readonly sides: readonly [Place, Place];
}

export interface QueuesOptions {
  media: Pick<MediaEngine, 'bridge'>;
  nowMs(): number;
}

/** All queues of the house, by account, application and name. What is said to a call comes in a turn of its own. */
export class Queues {
  readonly #options: QueuesOptions;
  readonly #lines = new Map<string, Line>();
  /** By call id: a call is in one queue at most. */
  readonly #places = new Map<string, Place>();
  readonly #connections = new Map<string, Connection>();

  constructor(options: QueuesOptions) {
    this.#options = options;
  }

  /** Calls that wait for their turn, and calls that are connected with one. */
  get figures(): { waiting: number; connected: number } {
    const waiting = [...this.#lines.values()].reduce((sum, line) => sum + line.waiting.length, 0);
    return { waiting, connected: this.#connections.size / 2 };
  }

  carryOut(party: Party, effect: QueueEffect): void {
    if (effect.type === 'leave_queue') {
      this.#leave(party.info.callId, effect.queueId);
      return;
    }
    const { queueId } = effect;
    const reason = this.#refusal(party, effect);
    if (reason !== null) {
      tell({ party, queueId }, { type: 'queue_refused', queueId, reason });
      return;
    }
    const line = this.#line(party, effect.name);
    if (effect.type === 'enter_queue') this.#enter(party, effect, line);
    else this.#take({ party, queueId, line }, (place) => line.connecting.push(place));
    this.#match(line);
  }

  /** The call is over. */
  drop({ info }: Party): void {
    this.#leave(info.callId, this.#places.get(info.callId)?.queueId ?? null);
  }

  #refusal(party: Party, effect: Exclude<QueueEffect, { type: 'leave_queue' }>): string | null {
    if (party.leg.session === null) return 'the call has no media';
    if (this.#places.has(party.info.callId)) return 'the call is in a queue already';
    if (effect.type === 'connect_queue' || effect.maxSize === null) return null;
    const size = this.#lines.get(keyOf(party, effect.name))?.waiting.length ?? 0;
    return size >= effect.maxSize ? 'max_size' : null;
  }

  #line(party: Party, name: string): Line {
    const key = keyOf(party, name);
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = { key, waiting: [], connecting: [] };
      this.#lines.set(key, line);
    }
    return line;
  }

  #enter(party: Party, { queueId, priority }: EnterEffect, line: Line): void {
    const waiting: Waiting = { party, queueId, line, priority, sinceMs: this.#options.nowMs(), position: 0 };
    const behind = line.waiting.findIndex((other) => other.priority < priority);
    this.#take(waiting, () => line.waiting.splice(behind < 0 ? line.waiting.length : behind, 0, waiting));
  }

  #take<P extends Place>(place: P, into: (place: P) => unknown): void {
    this.#places.set(place.party.info.callId, place);
    into(place);
  }

  /** Connects as many as there are on both sides, and tells the others where they stand now. */
  #match(line: Line): void {
    while (line.waiting.length > 0 && line.connecting.length > 0) {
      const [next, by] = [line.waiting.shift(), line.connecting.shift()];
      if (next !== undefined && by !== undefined) this.#connect(next, by);
    }
    const size = line.waiting.length;
    for (const [index, waiting] of line.waiting.entries()) {
      const position = index + 1;
      if (waiting.position === position) continue;
      waiting.position = position;
      tell(waiting, { type: 'queue_position', queueId: waiting.queueId, position, size });
    }
    if (size === 0 && line.connecting.length === 0) this.#lines.delete(line.key);
  }

  #connect(next: Waiting, by: Place): void {
    const waitMs = Math.max(0, this.#options.nowMs() - next.sinceMs);
    let bridge: BridgedLegs;
    try {
      bridge = bridgeLegs(this.#options.media, next.party.leg, by.party.leg);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      for (const place of [next, by]) {
        this.#places.delete(place.party.info.callId);
        tell(place, { type: 'queue_refused', queueId: place.queueId, reason });
      }
      return;
    }
    const connection: Connection = { bridge, sides: [next, by] };
    for (const [place, other] of [
      [next, by],
      [by, next],
    ] as const) {
      this.#connections.set(place.party.info.callId, connection);
      const { callId, callerNo } = other.party.info;
      tell(place, { type: 'queue_connected', queueId: place.queueId, callId, callerNo, waitMs });
    }
  }

  #leave(callId: string, queueId: string | null): void {
    const place = this.#places.get(callId);
    if (place === undefined || place.queueId !== queueId) return;
    const connection = this.#connections.get(callId);
    if (connection !== undefined) {
      connection.bridge.close();
      for (const side of connection.sides) {
        this.#connections.delete(side.party.info.callId);
        this.#places.delete(side.party.info.callId);
        tell(side, { type: 'queue_left', queueId: side.queueId, reason: 'ended' });
      }
      return;
    }
    const { line } = place;
    this.#places.delete(callId);
    line.waiting = line.waiting.filter((one) => one !== place);
    line.connecting = line.connecting.filter((one) => one !== place);
    tell(place, { type: 'queue_left', queueId: place.queueId, reason: 'left' });
    this.#match(line);
  }
}

function tell({ party }: Pick<Place, 'party' | 'queueId'>, input: CallInput): void {
  queueMicrotask(() => {
    if (!party.over) party.post(input);
  });
}

/** Names are the users' own: they are told apart by whose they are, and become no path. */
function keyOf({ info }: Party, name: string): string {
  return JSON.stringify([info.subaccountId, info.appId, name]);
}
