/** Work that was done over and over, and the processor time that it took. */
export interface Worked {
  rounds: number;
  cpuMs: number;
  wallMs: number;
  /** Processor time of each round. */
  roundMs: number[];
}

/** Does work until it has taken that much processor time, however much of the machine others use meanwhile. */
export async function workFor(cpuMs: number, work: () => unknown): Promise<Worked> {
  const wallFrom = performance.now();
  const from = usedMs();
  const roundMs: number[] = [];
  let before = from;
  do {
    await work();
    const now = usedMs();
    roundMs.push(now - before);
    before = now;
  } while (before - from < cpuMs);
  return { rounds: roundMs.length, cpuMs: before - from, wallMs: performance.now() - wallFrom, roundMs };
}

function usedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
