import type { Input } from '../io.ts';

/** Something that will happen to the call. `id`: the playback or timer it belongs to, so that it can be taken back. */
interface Appointment {
  atMs: number;
  id: string | null;
  make: (atMs: number) => Input;
}

/** What will happen in virtual time, in order; of two at the same moment, the one noted first. */
export class Agenda {
  readonly #appointments: Appointment[] = [];

  add(atMs: number, id: string | null, make: (atMs: number) => Input): void {
    const index = this.#appointments.findIndex((other) => other.atMs > atMs);
    this.#appointments.splice(index === -1 ? this.#appointments.length : index, 0, { atMs, id, make });
  }

  /** Takes back everything noted under an id; false when nothing was. */
  remove(id: string): boolean {
    const before = this.#appointments.length;
    for (let index = before - 1; index >= 0; index -= 1) {
      if (this.#appointments[index]?.id === id) this.#appointments.splice(index, 1);
    }
    return this.#appointments.length < before;
  }

  clear(): void {
    this.#appointments.length = 0;
  }

  /** When the next thing happens; null when nothing will. */
  nextAtMs(): number | null {
    return this.#appointments[0]?.atMs ?? null;
  }

  /** The next thing, as it happens now. */
  take(): Input | null {
    const next = this.#appointments.shift();
    return next === undefined ? null : next.make(next.atMs);
  }
}
