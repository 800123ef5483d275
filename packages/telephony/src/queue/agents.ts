/** Somebody whom queues ring. */
interface Agent {
  /** Rung now, or talking with somebody from a queue; for each of these one. */
  uses: number;
  /** Left alone until it fires. */
  rest: NodeJS.Timeout | null;
  rungAtMs: number;
}

export interface AgentsOptions {
  nowMs(): number;
  /** May be rung again. */
  onFree(key: string): void;
}

/** Free agents are remembered for whose turn it is; of more than so many the ones rung longest ago are forgotten. */
const MOST_REMEMBERED = 10_000;

/** Who may be rung, over all queues: by a key that holds whose agent it is and how the agent is reached. */
export class Agents {
  readonly #options: AgentsOptions;
  /** Those rung last come last. */
  readonly #agents = new Map<string, Agent>();

  constructor(options: AgentsOptions) {
    this.#options = options;
  }

  isFree(key: string): boolean {
    const agent = this.#agents.get(key);
    return agent === undefined || isIdle(agent);
  }

  /** Epoch milliseconds; 0 for who has not been rung yet, as far as is remembered. */
  rungAtMs(key: string): number {
    return this.#agents.get(key)?.rungAtMs ?? 0;
  }

  /** Is rung, or talks from now on. {@link release} ends it. */
  take(key: string): void {
    const { uses = 0, rest = null } = this.#agents.get(key) ?? {};
    this.#agents.delete(key);
    this.#agents.set(key, { uses: uses + 1, rest, rungAtMs: this.#options.nowMs() });
    if (this.#agents.size > MOST_REMEMBERED) this.#forgetOne();
  }

  /** One use less; left alone for `restMs` from now on. */
  release(key: string, restMs: number): void {
    const agent = this.#agents.get(key);
    if (agent === undefined || agent.uses === 0) return;
    agent.uses -= 1;
    if (restMs > 0) {
      if (agent.rest !== null) clearTimeout(agent.rest);
      agent.rest = setTimeout(() => {
        agent.rest = null;
        if (isIdle(agent)) this.#options.onFree(key);
      }, restMs);
      // Nobody waits for the end of a break when the server is going down.
      agent.rest.unref();
    } else if (isIdle(agent)) this.#options.onFree(key);
  }

  #forgetOne(): void {
    for (const [key, agent] of this.#agents) {
      if (!isIdle(agent)) continue;
      this.#agents.delete(key);
      return;
    }
  }
}

function isIdle({ uses, rest }: Agent): boolean {
  return uses === 0 && rest === null;
}
