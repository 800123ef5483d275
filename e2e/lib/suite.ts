import type { TestContext } from './context.ts';

/** Shared things of which only one test may hold each at a time: tests that use the same one never run side by side. */
export type Resource = 'sip-user' | 'trunk';

export interface TestOptions {
  /** Bound on the whole test, clean-up excluded. Default 30 s. */
  timeoutMs?: number;
  uses?: Resource[];
  /** Runs when all others are over: it looks at what they left behind. */
  last?: boolean;
}

export interface RegisteredTest {
  name: string;
  /** Base name of the file that registered it; `npm run e2e -- FILE` runs all of one file. */
  file: string;
  timeoutMs: number;
  uses: Resource[];
  last: boolean;
  run: (t: TestContext) => Promise<void>;
}

const registered: RegisteredTest[] = [];
let loadingFile = '';

/** Registers one end-to-end test. Names are unique over all files: they are how one test is run alone. */
export function test(
  name: string,
  optionsOrRun: TestOptions | RegisteredTest['run'],
  maybeRun?: RegisteredTest['run'],
): void {
  const options = typeof optionsOrRun === 'function' ? {} : optionsOrRun;
  const run = typeof optionsOrRun === 'function' ? optionsOrRun : maybeRun;
  if (run === undefined) throw new Error(`test '${name}' has no body`);
  if (registered.some((other) => other.name === name)) throw new Error(`two tests are called '${name}'`);
  const { timeoutMs = 30_000, uses = [], last = false } = options;
  registered.push({ name, file: loadingFile, timeoutMs, uses, last, run });
}

/** Loads one test file; the tests it registers are marked with its base name. A file that cannot be loaded is a failing test. */
export async function loadTests(file: string, url: string): Promise<void> {
  loadingFile = file;
  try {
    await import(url);
  } catch (error) {
    test(`${file}: the file loads`, () => Promise.reject(error));
  }
}

let isWhole = false;

/** Every test was chosen. */
export function isWholeSuite(): boolean {
  return isWhole;
}

/** The tests that `names` choose: exact names first, then file names, then parts of a name; all without `names`. */
export function selectTests(names: string[]): RegisteredTest[] {
  isWhole = names.length === 0;
  if (isWhole) return registered;
  const chosen = new Set<RegisteredTest>();
  for (const name of names) {
    const exact = registered.filter((one) => one.name === name);
    const byFile = registered.filter((one) => one.file === name);
    const byPart = registered.filter((one) => one.name.includes(name));
    const found = [exact, byFile, byPart].find((list) => list.length > 0);
    if (found === undefined) {
      throw new Error(
        `no end-to-end test is called '${name}'; there are:\n  ${registered.map((r) => r.name).join('\n  ')}`,
      );
    }
    for (const one of found) chosen.add(one);
  }
  return [...chosen];
}
