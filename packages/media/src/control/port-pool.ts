import { MediaPortsExhausted } from './errors.ts';
import type { PortRange } from './port-range.ts';

export interface PortPoolOptions {
  range: PortRange;
  workers: number;
  /** Ports kept bound and ready in each worker; busy times raise the number up to `maxReady`. */
  minReady: number;
  maxReady: number;
  /** How long a port rests after its session or after a stray packet, so that nobody hears the call before. */
  restMs: number;
  bind: (worker: number, port: number) => void;
  unbind: (worker: number, port: number) => void;
  now: () => number;
}

interface WorkerPorts {
  alive: boolean;
  inUse: Set<number>;
  /** Bound and rested, the longest first. */
  ready: Set<number>;
  /** Bound, with the time they are ready at. */
  resting: Map<number, number>;
  binding: Set<number>;
  takenThisSecond: number;
  target: number;
}

type Waiter = {
  preferred: number | undefined;
  resolve: (taken: { worker: number; port: number }) => void;
  reject: (error: Error) => void;
};

/** A port that another process holds is tried again after this. */
const FOREIGN_PORT_RETRY_MS = 30_000;

/**
 * Bound sockets in the workers, ready before a call needs one: no call waits for a bind unless calls come faster than
 * the pool grows. A session's socket stays bound, rests, and serves again; what is too much is unbound.
 */
export class PortPool {
  readonly #options: PortPoolOptions;
  readonly #workers: WorkerPorts[];
  readonly #foreign = new Map<number, number>();
  readonly #waiters: Waiter[] = [];

  constructor(options: PortPoolOptions) {
    // No worker may keep a narrow range from the others.
    const share = Math.max(1, Math.floor(options.range.freeCount / (2 * options.workers)));
    this.#options = { ...options, minReady: Math.min(options.minReady, share) };
    this.#workers = Array.from({ length: options.workers }, () => emptyWorker(this.#options.minReady));
  }

  /** Begins to fill the pool of a worker that is up; also of one that takes the place of a dead one. */
  workerUp(worker: number): void {
    const ports = emptyWorker(this.#options.minReady);
    ports.alive = true;
    this.#workers[worker] = ports;
    this.#refill(worker);
  }

  /** The worker is gone with all its sockets. */
  workerDown(worker: number): void {
    const ports = this.#at(worker);
    for (const port of [...ports.inUse, ...ports.ready, ...ports.resting.keys(), ...ports.binding]) {
      this.#options.range.give(port);
    }
    this.#workers[worker] = emptyWorker(this.#options.minReady);
    this.#endVainWaits();
  }

  /**
   * A port on the worker with the fewest sessions that has one ready; at once when any has. With `preferred` a port of
   * that worker, of another one only when it can have none.
   *
   * @throws MediaPortsExhausted (rejects)
   */
  take(preferred?: number): Promise<{ worker: number; port: number }> {
    this.#endRests();
    const taken = this.#takeReady(preferred);
    if (taken !== null) return Promise.resolve(taken);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ preferred, resolve, reject });
      const worker = preferred ?? this.#leastLoaded(() => true);
      if (this.#workers[worker]?.alive) this.#bindMore(worker, this.#waiters.length - this.#bindingCount(preferred));
      this.#endVainWaits();
    });
  }

  /** The session on this port ended. */
  release(worker: number, port: number): void {
    const ports = this.#at(worker);
    if (ports.inUse.delete(port)) ports.resting.set(port, this.#options.now() + this.#options.restMs);
  }

  /** Somebody sends to a port without a session. */
  disturbed(worker: number, port: number): void {
    const ports = this.#at(worker);
    // What rests already goes to the end: the map is in the order in which the rests end.
    if (!ports.ready.delete(port) && !ports.resting.delete(port)) return;
    ports.resting.set(port, this.#options.now() + this.#options.restMs);
    this.#refill(worker);
  }

  bound(worker: number, port: number): void {
    const ports = this.#at(worker);
    if (!ports.binding.delete(port)) return;
    ports.ready.add(port);
    this.#serveWaiters();
  }

  /** The system refused the port; another one takes its place. */
  bindFailed(worker: number, port: number): void {
    const ports = this.#at(worker);
    if (!ports.binding.delete(port)) return;
    this.#foreign.set(port, this.#options.now() + FOREIGN_PORT_RETRY_MS);
    this.#refill(worker);
    if (this.#waiters.length > 0) this.#bindMore(worker, 1);
    this.#endVainWaits();
  }

  /** To be called once a second: ends rests, grows after busy seconds and shrinks slowly after them. */
  tend(): void {
    this.#endRests();
    const nowMs = this.#options.now();
    for (const [port, retryAtMs] of this.#foreign) {
      if (retryAtMs > nowMs) continue;
      this.#foreign.delete(port);
      this.#options.range.give(port);
    }
    for (const [worker, ports] of this.#workers.entries()) {
      const { minReady, maxReady } = this.#options;
      const wanted = Math.max(ports.takenThisSecond * 2, Math.floor(ports.target * 0.9));
      ports.target = Math.min(maxReady, Math.max(minReady, wanted));
      ports.takenThisSecond = 0;
      this.#shrink(worker, ports);
      this.#refill(worker);
    }
    this.#serveWaiters();
  }

  /** No port will come any more. */
  close(reason: Error): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(reason);
  }

  counts(worker: number): { inUse: number; ready: number; resting: number; binding: number } {
    const { inUse, ready, resting, binding } = this.#at(worker);
    return { inUse: inUse.size, ready: ready.size, resting: resting.size, binding: binding.size };
  }

  #takeReady(preferred?: number): { worker: number; port: number } | null {
    const worker = preferred ?? this.#leastLoaded((ports) => ports.ready.size > 0);
    const ports = this.#workers[worker];
    if (ports === undefined) return null;
    for (const port of ports.ready) {
      ports.ready.delete(port);
      ports.inUse.add(port);
      ports.takenThisSecond++;
      this.#refill(worker);
      return { worker, port };
    }
    return null;
  }

  #serveWaiters(): void {
    for (let at = 0; at < this.#waiters.length; ) {
      const waiter = this.#waiters[at] as Waiter;
      const taken = this.#takeReady(waiter.preferred);
      if (taken === null) {
        at++;
        continue;
      }
      this.#waiters.splice(at, 1);
      waiter.resolve(taken);
    }
    this.#endVainWaits();
  }

  /** Nothing is free and nothing is being bound: waiting would have no end but a rest's. */
  #endVainWaits(): void {
    for (const waiter of [...this.#waiters]) {
      if (this.#bindingCount(waiter.preferred) > 0) continue;
      const taken = this.#takeReady();
      if (taken === null && this.#bindingCount() > 0) {
        waiter.preferred = undefined;
        continue;
      }
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
      const { low, high } = this.#options.range;
      if (taken === null) waiter.reject(new MediaPortsExhausted(low, high));
      else waiter.resolve(taken);
    }
  }

  /** Ports being bound, in one worker or in all. */
  #bindingCount(worker?: number): number {
    if (worker !== undefined) return this.#workers[worker]?.binding.size ?? 0;
    return this.#workers.reduce((sum, { binding }) => sum + binding.size, 0);
  }

  #endRests(): void {
    const nowMs = this.#options.now();
    for (const ports of this.#workers) {
      for (const [port, readyAtMs] of ports.resting) {
        // In the order in which they began, so all that follow are younger.
        if (readyAtMs > nowMs) break;
        ports.resting.delete(port);
        ports.ready.add(port);
      }
    }
  }

  #refill(worker: number): void {
    const ports = this.#at(worker);
    if (!ports.alive) return;
    const missing = ports.target - ports.ready.size - ports.binding.size;
    // In batches: a message for every port taken would cost more than the bind.
    if (missing * 4 >= ports.target) this.#bindMore(worker, missing);
  }

  #bindMore(worker: number, count: number): void {
    const ports = this.#workers[worker];
    if (ports === undefined) return;
    for (let i = 0; i < count; i++) {
      const port = this.#options.range.take();
      if (port === null) return;
      ports.binding.add(port);
      this.#options.bind(worker, port);
    }
  }

  #shrink(worker: number, ports: WorkerPorts): void {
    for (const port of ports.ready) {
      if (ports.ready.size + ports.resting.size <= ports.target * 2) return;
      ports.ready.delete(port);
      this.#options.unbind(worker, port);
      this.#options.range.give(port);
    }
  }

  #leastLoaded(suits: (ports: WorkerPorts) => boolean): number {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const [worker, ports] of this.#workers.entries()) {
      if (!ports.alive || !suits(ports) || ports.inUse.size >= least) continue;
      best = worker;
      least = ports.inUse.size;
    }
    return best;
  }

  #at(worker: number): WorkerPorts {
    const ports = this.#workers[worker];
    if (ports === undefined) throw new RangeError(`There is no media worker ${worker}`);
    return ports;
  }
}

function emptyWorker(target: number): WorkerPorts {
  return {
    alive: false,
    inUse: new Set(),
    ready: new Set(),
    resting: new Map(),
    binding: new Set(),
    takenThisSecond: 0,
    target,
  };
}
