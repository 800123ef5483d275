import type { QueueAgents, QueueEffect } from '@voxology/callflow';
import { type BridgedLegs, bridgeLegs } from '../call/bridged-legs.ts';
import type { CallInput } from '../call/input.ts';
import type { Leg } from '../call/leg.ts';
import type { Party } from '../call/party.ts';
import type { AgentCall, AgentServices } from './agent-call.ts';
import { Agents } from './agents.ts';
import { agentKey, Hunt } from './hunt.ts';

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
  /** Rings its agents; null: it has none. */
  readonly hunt: Hunt | null;
  /** The place it was told last. */
  position: number;
}

/** One queue: who waits, in the order of their turns, and who waits for them. Empty ones are forgotten. */
interface Line {
  readonly key: string;
  waiting: Waiting[];
  connecting: Place[];
}

/** Two calls that talk, or one with the agent that its hunt has reached. */
interface Connection {
  readonly bridge: BridgedLegs;
  readonly sides: readonly Place[];
  /** Lets the agent go. */
  end(): void;
}

/** All queues of the house, by account, application and name. What is said to a call comes in a turn of its own. */
export class Queues {
  readonly #services: AgentServices;
  readonly #agents: Agents;
  readonly #lines = new Map<string, Line>();
  /** By call id: a call is in one queue at most. */
  readonly #places = new Map<string, Place>();
  readonly #connections = new Map<string, Connection>();
  /** Calls whose agents are rung as they come free. */
  readonly #hunting = new Set<Waiting>();

  constructor(services: AgentServices) {
    this.#services = services;
    this.#agents = new Agents({ nowMs: services.nowMs, onFree: (key) => this.#offer(key) });
  }

  /** Calls that wait for their turn, and calls that are connected with one. */
  get figures(): { waiting: number; connected: number } {
    const waiting = [...this.#lines.values()].reduce((sum, line) => sum + line.waiting.length, 0);
    return { waiting, connected: new Set(this.#connections.values()).size };
  }

  carryOut(party: Party, effect: QueueEffect): void {
    if (effect.type === 'leave_queue') {
      this.#leave(party.info.callId, effect.queueId);
      return;
    }
    const { queueId } = effect;
    const reason = this.#refusal(party, effect);
    if (reason !== null) {
      tell({ party }, { type: 'queue_refused', queueId, reason });
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

  /** Who rings the agents of a call that waits, and asks them; null when nobody does. */
  huntOf(callId: string, queueId: string): Hunt | null {
    const place = this.#places.get(callId);
    if (place === undefined || place.queueId !== queueId) return null;
    return place.line.waiting.find((waiting) => waiting === place)?.hunt ?? null;
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

  #enter(party: Party, { queueId, priority, agents }: EnterEffect, line: Line): void {
    const hunt = agents === null ? null : this.#hunt(party, queueId, agents);
    const sinceMs = this.#services.nowMs();
    const waiting: Waiting = { party, queueId, line, priority, sinceMs, hunt, position: 0 };
    const behind = line.waiting.findIndex((other) => other.priority < priority);
    this.#take(waiting, () => line.waiting.splice(behind < 0 ? line.waiting.length : behind, 0, waiting));
    if (hunt === null) return;
    this.#hunting.add(waiting);
    hunt.begin();
  }

  #hunt(party: Party, queueId: string, how: QueueAgents): Hunt {
    return new Hunt({
      services: this.#services,
      agents: this.#agents,
      party,
      queueId,
      how,
      tell: (input) => tell({ party }, input),
      onAnswered: (call) => this.#agentAnswered(party.info.callId, call),
      onAgentGone: () => this.#leave(party.info.callId, queueId),
    });
  }

  /** An agent is free: for the call whose turn it is, over all queues, of those that would ring him. */
  #offer(key: string): void {
    let next: Waiting | null = null;
    for (const waiting of this.#hunting) {
      if (waiting.hunt?.wants(key) !== true) continue;
      if (next === null || waiting.priority > next.priority) next = waiting;
    }
    next?.hunt?.ring(key);
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
    this.#renumber(line);
  }

  #renumber(line: Line): void {
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
    this.#stopHunting(next, 'somebody else takes the call', true);
    const key = agentKey(by.party.info, by.party.info.callerNo);
    const isBridged = this.#bridge([next, by], by.party.leg, () => this.#agents.release(key, next.hunt?.wrapUpMs ?? 0));
    if (!isBridged) return;
    // Who connects is an agent too, whom no queue rings meanwhile.
    this.#agents.take(key);
    const waitMs = this.#waited(next);
    for (const [place, other] of [
      [next, by],
      [by, next],
    ] as const) {
      const { callId, callerNo } = other.party.info;
      tell(place, { type: 'queue_connected', queueId: place.queueId, callId, callerNo, waitMs });
    }
  }

  #agentAnswered(callId: string, call: AgentCall): void {
    const waiting = [...this.#hunting].find(({ party }) => party.info.callId === callId);
    if (waiting === undefined) {
      call.hangUp('the caller has gone');
      return;
    }
    const { line, queueId } = waiting;
    this.#hunting.delete(waiting);
    line.waiting = line.waiting.filter((one) => one !== waiting);
    if (this.#bridge([waiting], call.leg, () => call.hangUp('the caller has gone'))) {
      const waitMs = this.#waited(waiting);
      tell(waiting, { type: 'queue_connected', queueId, callId: null, callerNo: call.no, waitMs });
    } else call.hangUp('no bridge');
    this.#renumber(line);
  }

  /** Of one or two calls; false, and they are told, when the media of one side have just gone. */
  #bridge(sides: readonly [Place, ...Place[]], far: Leg, end: () => void): boolean {
    try {
      const bridge = bridgeLegs(this.#services.media, sides[0].party.leg, far);
      const connection: Connection = { bridge, sides, end };
      for (const { party } of sides) this.#connections.set(party.info.callId, connection);
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      for (const { party, queueId } of sides) {
        this.#places.delete(party.info.callId);
        tell({ party }, { type: 'queue_refused', queueId, reason });
      }
      return false;
    }
  }

  #waited({ sinceMs }: Waiting): number {
    return Math.max(0, this.#services.nowMs() - sinceMs);
  }

  #stopHunting(waiting: Waiting, reason: string, elsewhere = false): void {
    if (this.#hunting.delete(waiting)) waiting.hunt?.end(reason, elsewhere);
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
      connection.end();
      return;
    }
    const { line } = place;
    this.#places.delete(callId);
    const waiting = line.waiting.find((one) => one === place);
    if (waiting !== undefined) this.#stopHunting(waiting, 'the caller has gone');
    line.waiting = line.waiting.filter((one) => one !== place);
    line.connecting = line.connecting.filter((one) => one !== place);
    tell(place, { type: 'queue_left', queueId: place.queueId, reason: 'left' });
    this.#match(line);
  }
}

function tell({ party }: Pick<Place, 'party'>, input: CallInput): void {
  queueMicrotask(() => {
    if (!party.over) party.post(input);
  });
}

/** Names are the users' own: they are told apart by whose they are, and become no path. */
function keyOf({ info }: Party, name: string): string {
  return JSON.stringify([info.subaccountId, info.appId, name]);
}
