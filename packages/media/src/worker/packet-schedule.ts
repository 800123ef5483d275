/** Length of the clock's tick. Packets are whole numbers of ticks long. */
export const TICK_MS = 5;

/** Something that sends one packet every so many ticks. */
export interface Scheduled {
  tick(tick: number, nowMs: number): void;
}

/**
 * Which members send at which tick. Members with packets of n ticks are spread over n phases, the emptiest first, so that
 * a worker's packets leave in small groups instead of all at once every 20 ms.
 */
export class PacketSchedule<Member extends Scheduled> {
  readonly #phasesByLength = new Map<number, Set<Member>[]>();
  readonly #place = new Map<Member, Set<Member>>();

  get size(): number {
    return this.#place.size;
  }

  /** Adds a member, or moves it to another packet length. */
  set(member: Member, packetTicks: number): void {
    let phases = this.#phasesByLength.get(packetTicks);
    if (phases === undefined) {
      phases = Array.from({ length: packetTicks }, () => new Set<Member>());
      this.#phasesByLength.set(packetTicks, phases);
    }
    const current = this.#place.get(member);
    if (current !== undefined && phases.includes(current)) return;
    current?.delete(member);
    const emptiest = phases.reduce((least, phase) => (phase.size < least.size ? phase : least));
    emptiest.add(member);
    this.#place.set(member, emptiest);
  }

  delete(member: Member): void {
    this.#place.get(member)?.delete(member);
    this.#place.delete(member);
  }

  /** Runs the members of one tick. */
  run(tick: number, nowMs: number): void {
    for (const [packetTicks, phases] of this.#phasesByLength) {
      const phase = phases[tick % packetTicks] as Set<Member>;
      for (const member of phase) member.tick(tick, nowMs);
    }
  }
}
