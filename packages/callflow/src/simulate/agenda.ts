import type { Input } from '../io.ts';

/** Something that will happen to the call, or to its caller. `id`: the playback or timer it belongs to, so that it can be taken back. */
interface Appointment {
  atMs: number;
  /** So many had been noted before. */
  number: number;
  id: string | null;
  make: (atMs: number) => Input | null;
}

/** What will happen in virtual time, in order; of two at the same moment, the one noted first. */
export class Agenda {
  readonly #appointments: Appointment[] = [];
  readonly #begun = new Map<string, number>();
  #noted = 0;

  /** How many appointments have ever been noted. */
  get noted(): number {
    return this.#noted;
  }

  /** Whether something that was noted as one of the first so many will happen, `except` what is noted under that id. */
  holds(first: number, except: string): boolean {
    return this.#appointments.some(
      ({ atMs, id, number }) => number < first && id !== except && atMs !== Number.POSITIVE_INFINITY,
    );
  }

  /** What is noted for `Infinity` never happens; it is there to be taken back. */
  add(atMs: number, id: string | null, make: (atMs: number) => Input | null): void {
    const index = this.#appointments.findIndex((other) => other.atMs > atMs);
    this.#appointments.splice(index === -1 ? this.#appointments.length : index, 0, {
      atMs,
      number: this.#noted,
      id,
      make,
    });
    this.#noted += 1;
  }

  /** Takes back everything noted under an id; false when nothing was. */
  remove(id: string): boolean {
    const before = this.#appointments.length;
    for (let index = before - 1; index >= 0; index -= 1) {
      if (this.#appointments[index]?.id === id) this.#appointments.splice(index, 1);
    }
    return this.#appointments.length < before;
  }

  /** Notes when something began, or will. */
  begin(id: string, atMs: number): void {
    this.#begun.set(id, atMs);
  }

  /** How long it goes on at a moment, at least 0; null when it never began. */
  since(id: string, nowMs: number): number | null {
    const atMs = this.#begun.get(id);
    return atMs === undefined ? null : Math.max(0, nowMs - atMs);
  }

  clear(): void {
    this.#appointments.length = 0;
  }

  /** When the next thing happens; null when nothing will. */
  nextAtMs(): number | null {
    const next = this.#appointments[0]?.atMs ?? Number.POSITIVE_INFINITY;
    return next === Number.POSITIVE_INFINITY ? null : next;
  }

  /** The next thing, as it happens now; null when it is nothing that the call is told of. */
  take(): Input | null {
    const next = this.#appointments.shift();
    return next === undefined ? null : next.make(next.atMs);
  }
}
