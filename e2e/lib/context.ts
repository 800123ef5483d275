import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a running test has: a folder for its files, clean-up in reverse order, and hints printed when it fails. */
export class TestContext {
  readonly name: string;
  readonly dir: string;
  private readonly cleanups: (() => void | Promise<void>)[] = [];
  private readonly hints: (() => string)[] = [];
  private over = false;

  constructor(name: string) {
    this.name = name;
    this.dir = mkdtempSync(join(tmpdir(), `voxology-e2e-${name.replace(/[^a-z0-9]+/gi, '-').slice(0, 40)}-`));
  }

  /**
   * Runs at the end of the test, passed or failed; the last given runs first. A test that ran out of time goes on behind
   * the runner's back: what it still starts is ended at once.
   */
  defer(cleanup: () => void | Promise<void>): void {
    if (this.over) void Promise.resolve(cleanup()).catch(() => undefined);
    else this.cleanups.push(cleanup);
  }

  /** Text for the report of a failure, made only then. */
  onFailure(hint: () => string): void {
    this.hints.push(hint);
  }

  file(name: string): string {
    return join(this.dir, name);
  }

  /** The hints of a failed test, one after the other. */
  explain(): string {
    return this.hints
      .map((hint) => {
        try {
          return hint();
        } catch (error) {
          return `(no hint: ${String(error)})`;
        }
      })
      .join('\n');
  }

  /** Runs all clean-ups, even when one fails; gives the failures. */
  async cleanUp(keepFiles: boolean): Promise<unknown[]> {
    const failures: unknown[] = [];
    // A clean-up may start something itself, which is ended next.
    for (let cleanup = this.cleanups.pop(); cleanup !== undefined; cleanup = this.cleanups.pop()) {
      try {
        await cleanup();
      } catch (error) {
        failures.push(error);
      }
    }
    this.over = true;
    if (!keepFiles) rmSync(this.dir, { recursive: true, force: true });
    return failures;
  }
}
