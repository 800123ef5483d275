import { spawn } from 'node:child_process';

export type ProgramOptions = {
  input?: string;
  /** Output beyond this ends the program. */
  outputLimitBytes: number;
  signal: AbortSignal;
};

/**
 * Runs a program with arguments (no shell) and gives what it printed.
 *
 * @throws Error with code `ENOENT` when there is no such program; the signal's reason when it is aborted; Error with the
 *   program's own words when it fails
 */
export function runProgram(program: string, args: readonly string[], options: ProgramOptions): Promise<Buffer> {
  const { input, outputLimitBytes, signal } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], shell: false });
    const output: Buffer[] = [];
    let outputBytes = 0;
    let complaint = '';
    const kill = () => child.kill('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    child.stdout.on('data', (part: Buffer) => {
      output.push(part);
      outputBytes += part.length;
      if (outputBytes > outputLimitBytes) kill();
    });
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      complaint = (complaint + part).slice(-2000);
    });
    // A program that ends before it has read everything closes the pipe; its exit code tells what matters.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => {
      signal.removeEventListener('abort', kill);
      reject(error);
    });
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', kill);
      if (signal.aborted) reject(signal.reason);
      else if (outputBytes > outputLimitBytes) reject(new Error(`${program} gave more than ${outputLimitBytes} bytes`));
      else if (code === 0) resolve(Buffer.concat(output));
      else reject(new Error(`${program} ended with ${killedBy ?? `code ${code}`}: ${complaint.trim()}`));
    });
    child.stdin.end(input ?? '');
  });
}
