import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { within } from '../../e2e/lib/bounded.ts';
import { compiled } from './c-program.ts';
import { ended, start } from './children.ts';
import { FIRST_CALLEE_PORT, FIRST_MEDIA_PORT, MEDIA_PORT_OFFSET } from './sipp-scenario.ts';

/** What rtppeer measured in a window: packets, losses, and the time between packets of a stream (`ia_`, ms). */
export interface RtpFigures {
  dur: number;
  /** Streams that were up at the end of the window, and those of them that received anything. */
  active: number;
  withrx: number;
  low_rate_streams: number;
  min_pps: number;
  rx: number;
  tx: number;
  txerr: number;
  other: number;
  expected: number;
  shortfall_pct: number;
  seq_lost: number;
  reord: number;
  /** Packets that our own sockets dropped: the load side was too slow. */
  sockdrop: number;
  ia_p50: number;
  ia_p95: number;
  ia_p99: number;
  ia_p999: number;
  ia_max: number;
  ia_under_5ms_pct: number;
  /**
   * Of the packets that carry the time they were sent at (`lat_n` of them): from the sending to the arrival of the packet
   * that holds the first sample, and the place of that sample in it, ms.
   */
  lat_n: number;
  /** Those of them that came back to the call that sent them. */
  lat_own: number;
  lat_p50: number;
  lat_p95: number;
  lat_p99: number;
  lat_max: number;
  txlate_p99: number;
  txlate_max: number;
}

type Line =
  | { event: 'ready' }
  | { event: 'first'; call: number; at_ns: number }
  | { event: 'silence'; call: number; at_ns: number }
  | ({ event: 'window' } & RtpFigures);

export interface RtpPeerOptions {
  streams: number;
  callLog: string;
  /** The log of the callees, who have streams of their own and with whom the callers are bridged. */
  calleeLog?: string;
  /** What the callers send instead: a folder of 1.CODEC, 2.CODEC … that they take turns to send (see replay.ts). */
  replays?: string;
  /** What the streams carry: speech; the time of sending and the call; a tone of its own for each. Default speech. */
  sound?: 'speech' | 'stamps' | { toneAmplitude: number };
  /** Is told when a caller's stream falls silent: the call and when (ms since 1970) its last loud sample was heard. */
  onSilence?: (call: number, atMs: number) => void;
  /** Write what every n-th stream received in the window to DIRECTORY/CALL.ulaw or, with replays, .CODEC. */
  samples?: { directory: string; every: number };
}

/** The far end of the calls' audio: the C program `rtppeer`, compiled when it is missing or older than its source. */
export class RtpPeer {
  /** When (ms since 1970) the first packet that is not silence came, by call number of sipp. */
  readonly firstSoundMs = new Map<number, number>();
  readonly #child: ChildProcess & { pid: number };
  #windowDone: (figures: RtpFigures) => void = () => undefined;
  readonly #ready = Promise.withResolvers<void>();
  readonly #onSilence: (call: number, atMs: number) => void;

  private constructor(options: RtpPeerOptions) {
    const { streams, callLog, calleeLog, replays, sound, onSilence, samples } = options;
    this.#onSilence = onSilence ?? (() => undefined);
    const program = compiled('rtppeer');
    const args = [
      '-a',
      '127.0.0.1',
      '-p',
      String(FIRST_MEDIA_PORT + MEDIA_PORT_OFFSET),
      '-n',
      String(streams),
      '-l',
      callLog,
    ];
    if (calleeLog !== undefined) args.push('-q', String(FIRST_CALLEE_PORT + MEDIA_PORT_OFFSET), '-c', calleeLog);
    if (sound === 'stamps') args.push('-s');
    if (typeof sound === 'object') args.push('-t', String(sound.toneAmplitude));
    if (replays !== undefined) args.push('-o', replays);
    if (onSilence !== undefined) args.push('-w');
    if (samples !== undefined) args.push('-d', samples.directory, '-e', String(samples.every));
    this.#child = start(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.once('exit', () => this.#ready.reject(new Error('rtppeer ended before it was ready')));
    if (this.#child.stdout === null) throw new Error('rtppeer has no output');
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(JSON.parse(line) as Line));
  }

  static async open(options: RtpPeerOptions): Promise<RtpPeer> {
    const peer = new RtpPeer(options);
    await within(peer.#ready.promise, 10_000, 'rtppeer is ready');
    return peer;
  }

  get pid(): number {
    return this.#child.pid;
  }

  startWindow(): void {
    this.#child.stdin?.write('start\n');
  }

  async stopWindow(): Promise<RtpFigures> {
    const figures = new Promise<RtpFigures>((resolve) => {
      this.#windowDone = resolve;
    });
    this.#child.stdin?.write('stop\n');
    return await within(figures, 10_000, "rtppeer's figures");
  }

  async close(): Promise<void> {
    this.#child.stdin?.end();
    await ended(this.#child, 5_000, 'rtppeer');
  }

  #take(line: Line): void {
    if (line.event === 'ready') this.#ready.resolve();
    else if (line.event === 'first') this.firstSoundMs.set(line.call, line.at_ns / 1e6);
    else if (line.event === 'silence') this.#onSilence(line.call, line.at_ns / 1e6);
    else {
      const { event: _, ...figures } = line;
      this.#windowDone(figures);
    }
  }
}

const LOWEST_TONE_HZ = 300;
const TONE_RANGE_HZ = 3100;

/** The tone that the `call`-th of `streams` calls sends, in whole Hz (see rtppeer.c). */
export function toneHz(call: number, streams: number): number {
  return LOWEST_TONE_HZ + (call - 1) * Math.floor(TONE_RANGE_HZ / streams);
}
