export interface CircuitBreakerOptions {
  /** Exchanges in a row without any HTTP answer after which the host is left alone. */
  failures: number;
  /** For how long; then one request tries, and its fate decides. */
  openMs: number;
}

interface Circuit {
  failures: number;
  /** Epoch milliseconds; 0 while closed. */
  openUntilMs: number;
  isProbing: boolean;
}

/** Origins remembered at once; beyond, the one that failed first is forgotten. */
const MAX_CIRCUITS = 10_000;

/** Keeps calls from waiting on a host that does not answer. Any HTTP answer, 500 included, is an answer. */
export class CircuitBreaker {
  private readonly circuits = new Map<string, Circuit>();
  private readonly options: CircuitBreakerOptions;
  private readonly now: () => number;

  constructor(options: CircuitBreakerOptions, now: () => number) {
    this.options = options;
    this.now = now;
  }

  /** Milliseconds that the origin is still left alone; 0 when a request may go. Half-open, the first to ask is the probe. */
  remainingMs(origin: string): number {
    const circuit = this.circuits.get(origin);
    if (circuit === undefined || circuit.openUntilMs === 0) return 0;
    const remainingMs = circuit.openUntilMs - this.now();
    if (remainingMs > 0) return remainingMs;
    if (circuit.isProbing) return 1;
    circuit.isProbing = true;
    return 0;
  }

  /** Whether the origin is left alone now. Asking changes nothing. */
  isOpen(origin: string): boolean {
    return (this.circuits.get(origin)?.openUntilMs ?? 0) > this.now();
  }

  answered(origin: string): void {
    if (this.circuits.size > 0) this.circuits.delete(origin);
  }

  failed(origin: string): void {
    const circuit = this.circuits.get(origin) ?? { failures: 0, openUntilMs: 0, isProbing: false };
    circuit.failures += 1;
    circuit.isProbing = false;
    if (circuit.failures >= this.options.failures) circuit.openUntilMs = this.now() + this.options.openMs;
    if (!this.circuits.has(origin) && this.circuits.size >= MAX_CIRCUITS) {
      const oldest = this.circuits.keys().next();
      if (oldest.done !== true) this.circuits.delete(oldest.value);
    }
    this.circuits.set(origin, circuit);
  }

  /** The request ended for a reason that says nothing about the host (the caller gave up): another may probe. */
  undecided(origin: string): void {
    const circuit = this.circuits.get(origin);
    if (circuit !== undefined) circuit.isProbing = false;
  }
}
