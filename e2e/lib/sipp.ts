import { createSocket } from 'node:dgram';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { until } from './bounded.ts';
import { type Child, needProgram, startChild } from './child.ts';
import type { TestContext } from './context.ts';
import { freePort, freeSippMediaPort } from './ports.ts';
import { WORD } from './sipp-messages.ts';
import type { SippScenario } from './sipp-scenario.ts';

export interface SippOptions {
  /** HOST:PORT of the other side. */
  remote: string;
  transport?: 'udp' | 'tcp';
  /** `uri` of the digest; default the scenario's request goes to `remote`. */
  authUri?: string;
  localIp?: string;
  localPort?: number;
  /** The whole run, default 25 s; sipp fails when it takes longer. */
  timeoutMs?: number;
  /** Name of its files in the test's folder. */
  name?: string;
}

export interface SipMessage {
  sent: boolean;
  text: string;
  /** First line, e.g. `SIP/2.0 200 OK`. */
  firstLine: string;
}

export interface SippEvent {
  name: string;
  words: string[];
}

/** One running sipp. */
export class SippRun {
  readonly localPort: number;
  private readonly child: Child;
  private readonly files: { messages: string; errors: string; log: string; screen: string };
  private readonly label: string;

  constructor(child: Child, label: string, localPort: number, files: SippRun['files']) {
    this.child = child;
    this.label = label;
    this.localPort = localPort;
    this.files = files;
  }

  /** Events told so far by the scenario, in order. */
  events(): SippEvent[] {
    return read(this.files.log)
      .split('\n')
      .filter((line) => line.startsWith('event '))
      .map((line) => {
        const [name = '', ...words] = line.slice('event '.length).trim().split(' ');
        return { name, words };
      });
  }

  /** Waits for the `nth` event called `name` (first by default); fails at once when sipp ends without it. */
  async event(name: string, timeoutMs = 15_000, nth = 1): Promise<SippEvent> {
    let ended: number | NodeJS.Signals | undefined;
    void this.child.exited.then((code) => {
      ended = code;
    });
    return until(
      `${this.label}: event '${name}'`,
      () => {
        const over = ended;
        const found = this.events().filter((one) => one.name === name)[nth - 1];
        if (found === undefined && over !== undefined) {
          throw new Error(`${this.label} ended (${over}) without event '${name}'\n${this.explain()}`);
        }
        return found;
      },
      timeoutMs,
    );
  }

  /**
   * Lets the phone go on that waits in {@link SippScenario.untilTold}, for the first time or the `nth`: by a request in its
   * call, the only thing that sipp listens to.
   */
  async tell(nth = 1): Promise<void> {
    await this.event('waits', 15_000, nth);
    const callId = /^Call-ID: *(.+?)\r?$/im.exec(this.messages()[0]?.text ?? '')?.[1];
    if (callId === undefined) throw new Error(`${this.label} is in no call that could be told of`);
    const lines = [
      `${WORD} sip:phone@127.0.0.1:${this.localPort} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK-told-${nth}`,
      'From: <sip:test@127.0.0.1>;tag=test',
      'To: <sip:phone@127.0.0.1>',
      `Call-ID: ${callId}`,
      `CSeq: ${nth} ${WORD}`,
      'Content-Length: 0',
    ];
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.send(`${lines.join('\r\n')}\r\n\r\n`, this.localPort, '127.0.0.1', (error) => {
        socket.close();
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  /** Waits for the end of sipp; fails unless every step of the scenario went as written. */
  async succeeded(): Promise<void> {
    const code = await this.ended();
    if (code !== 0) throw new Error(`${this.label} failed (exit ${code})\n${this.explain()}`);
  }

  /** Exit code of sipp, for scenarios that are expected to fail. All that came before its end has been read by then. */
  async ended(): Promise<number | NodeJS.Signals> {
    const code = await this.child.exited;
    // Sound that came while this process was busy is read in the same turn as the exit, or in the next.
    await turn();
    await turn();
    return code;
  }

  /** Every SIP message of the run, in order. */
  messages(): SipMessage[] {
    return parseTrace(read(this.files.messages));
  }

  /** First lines with direction, errors: enough to see what went wrong. */
  explain(): string {
    const ladder = this.messages().map((message) => `  ${message.sent ? '->' : '<-'} ${message.firstLine}`);
    const errors = read(this.files.errors).trim();
    const screen = ladder.length === 0 ? read(this.files.screen).slice(-800) : '';
    return [`${this.label} messages:`, ...ladder, errors === '' ? '' : `${this.label} errors: ${errors}`, screen]
      .filter((line) => line !== '')
      .join('\n');
  }

  /** Ends sipp at once: the phone is gone without a word. */
  kill(): void {
    this.child.signalGroup('SIGKILL');
  }
}

/** Starts sipp with one call of `scenario` on 127.0.0.1. It is killed at the end of the test if still running. */
export async function runSipp(t: TestContext, scenario: SippScenario, options: SippOptions): Promise<SippRun> {
  needProgram('sipp');
  const label = `sipp ${options.name ?? ''}`.trim();
  const base = t.file(`sipp-${options.name ?? 'call'}-${++runs}`);
  const files = { messages: `${base}.messages`, errors: `${base}.errors`, log: `${base}.log`, screen: `${base}.out` };
  writeFileSync(`${base}.xml`, scenario.xml());
  const localIp = options.localIp ?? '127.0.0.1';
  const localPort = options.localPort ?? (await freePort());
  const timeoutSec = Math.ceil((options.timeoutMs ?? 25_000) / 1000);
  const child = startChild(
    'sipp',
    [
      options.remote,
      ...['-sf', `${base}.xml`],
      ...['-i', localIp, '-p', String(localPort), '-mi', localIp, '-mp', String(await freeSippMediaPort())],
      ...['-ci', '127.0.0.1', '-cp', String(await freePort())],
      ...['-t', options.transport === 'tcp' ? 't1' : 'u1'],
      ...['-m', '1', '-l', '1', '-nostdin', '-skip_rlimit'],
      ...['-timeout', String(timeoutSec), '-timeout_error'],
      ...['-trace_msg', '-message_file', files.messages],
      ...['-trace_err', '-error_file', files.errors],
      ...['-trace_logs', '-log_file', files.log],
      ...(options.authUri === undefined ? [] : ['-auth_uri', options.authUri]),
    ],
    { logFile: files.screen, cwd: t.dir, env: { ...process.env, TERM: 'dumb' } },
  );
  const run = new SippRun(child, label, localPort, files);
  t.defer(() => {
    child.signalGroup('SIGKILL');
  });
  t.onFailure(() => run.explain());
  return run;
}
let runs = 0;

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, 'latin1') : '';
}

const TRACE_HEAD = /^-{10,}.*\n(?:UDP|TCP) message (sent|received) .*\n\n/gm;

/** sipp's message file: a ruler with the time, a line with direction and length, an empty line, the message. */
function parseTrace(trace: string): SipMessage[] {
  const heads = [...trace.matchAll(TRACE_HEAD)];
  return heads.map((head, i) => {
    const start = (head.index ?? 0) + head[0].length;
    const text = trace.slice(start, heads[i + 1]?.index ?? trace.length);
    return { sent: head[1] === 'sent', text, firstLine: text.split('\n', 1)[0]?.trim() ?? '' };
  });
}
