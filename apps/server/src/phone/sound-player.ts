import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Writable } from 'node:stream';

const RATE_HZ = '8000';
/** Programs that play raw 16-bit samples from their standard input. */
const PLAYERS: readonly [program: string, args: string[]][] = [
  ['aplay', ['-q', '-t', 'raw', '-f', 'S16_LE', '-r', RATE_HZ, '-c', '1', '-']],
  ['paplay', ['--raw', '--format=s16le', `--rate=${RATE_HZ}`, '--channels=1']],
  [
    'ffplay',
    ['-loglevel', 'quiet', '-nodisp', '-autoexit', '-f', 's16le', '-ar', RATE_HZ, '-ch_layout', 'mono', '-i', '-'],
  ],
  ['play', ['-q', '-t', 'raw', '-e', 'signed', '-b', '16', '-r', RATE_HZ, '-c', '1', '-']],
];

/** The sound card's player, where this machine has one. */
export class SoundPlayer {
  readonly program: string;
  readonly #child: ChildProcessByStdio<Writable, null, null>;
  #isBroken = false;

  private constructor(program: string, child: ChildProcessByStdio<Writable, null, null>) {
    this.program = program;
    this.#child = child;
    const broken = () => {
      this.#isBroken = true;
    };
    // Without a sound card the player ends at once; the call goes on silently.
    child.on('error', broken);
    child.on('exit', broken);
    child.stdin.on('error', broken);
  }

  /** Starts the first player on the PATH; null when there is none. */
  static start(): SoundPlayer | null {
    const found = PLAYERS.find(([program]) => onPath(program));
    if (found === undefined) return null;
    const [program, args] = found;
    return new SoundPlayer(program, spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'] }));
  }

  /** The player has ended although there was more to play: this machine has no sound card, or none that can be used. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  play(samples: Int16Array): void {
    if (this.#isBroken) return;
    this.#child.stdin.write(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  }

  end(): void {
    this.#child.stdin.end();
  }
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)));
}
