import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const RATE_HZ = '8000';
/** Programs that play raw 16-bit samples from their standard input. */
const PLAYERS: readonly [program: string, args: string[]][] = [
  ['aplay', ['-q', '-t', 'raw', '-f', 'S16_LE', '-r', RATE_HZ, '-c', '1', '-']],
  ['paplay', ['--raw', '--format=s16le', `--rate=${RATE_HZ}`, '--channels=1']],
  ['ffplay', ['-loglevel', 'quiet', '-nodisp', '-f', 's16le', '-ar', RATE_HZ, '-ch_layout', 'mono', '-i', '-']],
  ['play', ['-q', '-t', 'raw', '-e', 'signed', '-b', '16', '-r', RATE_HZ, '-c', '1', '-']],
];

/** The sound card's player, where this machine has one. */
export class SoundPlayer {
  readonly program: string;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #end: () => void;

  private constructor(program: string, write: (bytes: Uint8Array) => void, end: () => void) {
    this.program = program;
    this.#write = write;
    this.#end = end;
  }

  /** Starts the first player on the PATH; null when there is none. */
  static start(): SoundPlayer | null {
    const found = PLAYERS.find(([program]) => onPath(program));
    if (found === undefined) return null;
    const [program, args] = found;
    const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'] });
    let broken = false;
    // Without a sound card the player ends at once; the call goes on silently.
    child.on('error', () => {
      broken = true;
    });
    child.stdin.on('error', () => {
      broken = true;
    });
    return new SoundPlayer(
      program,
      (bytes) => {
        if (!broken) child.stdin.write(bytes);
      },
      () => child.stdin.end(),
    );
  }

  play(samples: Int16Array): void {
    this.#write(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  }

  end(): void {
    this.#end();
  }
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)));
}
