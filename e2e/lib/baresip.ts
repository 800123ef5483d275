import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type ExpectedPrompt, findPromptInPieces, LINE_RATE_HZ } from './audio.ts';
import { until, within } from './bounded.ts';
import { type Child, needProgram, startChild } from './child.ts';
import type { TestContext } from './context.ts';
import { freePort, mediaPortRange } from './ports.ts';
import { readWav, writeWav } from './wav.ts';

export interface BaresipOptions {
  user: string;
  password: string;
  domain: string;
  /** HOST:PORT to which everything is sent. */
  outbound: string;
  /** Register as a phone that can be called. Default false. */
  register?: boolean;
  transport?: 'udp' | 'tcp';
  /** How its media is protected: keys in the SDP (must, or may be refused), or a DTLS handshake. Default not at all. */
  encryption?: 'srtp-mand' | 'srtp' | 'dtls_srtp';
  /** Spoken into the call, 8 kHz; default silence. */
  speak?: Int16Array;
}

interface BaresipEvent {
  type: string;
  param: string;
}

/** A headless baresip: a real softphone, told what to do over its TCP control port. */
export class Baresip {
  private readonly child: Child;
  private readonly control: Socket;
  private readonly dir: string;
  private readonly logFile: string;
  private readonly events: BaresipEvent[] = [];
  private readonly responses: { ok: boolean; token: string; data: string }[] = [];
  private pending: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  private tokens = 0;

  private constructor(child: Child, control: Socket, dir: string, logFile: string) {
    this.child = child;
    this.control = control;
    this.dir = dir;
    this.logFile = logFile;
    control.on('data', (data) => this.read(data));
    control.on('error', () => {
      // The program has ended; the next command says so.
    });
  }

  /** Writes the configuration, starts the program and connects to it. */
  static async start(t: TestContext, options: BaresipOptions): Promise<Baresip> {
    needProgram('baresip');
    const dir = t.file(`baresip-${++phones}`);
    mkdirSync(dir);
    const [sipPort, controlPort] = [await freePort(), await freePort()];
    const rtp = mediaPortRange(20);
    const speech = join(dir, 'speak.wav');
    const minute = new Int16Array(LINE_RATE_HZ * 90);
    minute.set(options.speak ?? new Int16Array(0));
    writeWav(speech, minute, LINE_RATE_HZ);
    writeFileSync(join(dir, 'contacts'), '');
    writeFileSync(
      join(dir, 'config'),
      [
        'poll_method epoll',
        `sip_listen 127.0.0.1:${sipPort}`,
        'call_local_timeout 60',
        'call_max_calls 4',
        `audio_player aubridge,nowhere`,
        `audio_source aufile,${speech}`,
        'audio_alert aubridge,nowhere',
        `ausrc_srate ${LINE_RATE_HZ}`,
        `auplay_srate ${LINE_RATE_HZ}`,
        'ausrc_channels 1',
        'auplay_channels 1',
        `rtp_ports ${rtp.low}-${rtp.high}`,
        'jitter_buffer_delay 1-5',
        'net_interface 127.0.0.1',
        `module_path ${MODULES}`,
        ...['g711.so', 'sndfile.so', 'aufile.so', 'aubridge.so', 'srtp.so', 'dtls_srtp.so'].map(
          (module) => `module ${module}`,
        ),
        ...['uuid.so', 'account.so'].map((module) => `module_tmp ${module}`),
        ...['menu.so', 'ctrl_tcp.so'].map((module) => `module_app ${module}`),
        `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
        `snd_path ${dir}`,
        '',
      ].join('\n'),
    );
    const transport = options.transport ?? 'udp';
    const encryption = options.encryption === undefined ? '' : `;mediaenc=${options.encryption}`;
    writeFileSync(
      join(dir, 'accounts'),
      `<sip:${options.user}@${options.domain};transport=${transport}>;auth_user=${options.user};` +
        `auth_pass=${options.password};outbound="sip:${options.outbound};transport=${transport}";` +
        `regint=${options.register === true ? 300 : 0};audio_codecs=PCMU/8000/1;answermode=manual${encryption}\n`,
    );
    const logFile = join(dir, 'baresip.log');
    const child = startChild('baresip', ['-f', dir], { logFile, cwd: dir });
    t.defer(() => child.signalGroup('SIGKILL'));
    t.onFailure(() => `baresip log:\n${existsSync(logFile) ? readFileSync(logFile, 'utf8').slice(-3000) : ''}`);
    const control = await until('baresip takes commands', () => open(controlPort), 8_000, 50);
    const phone = new Baresip(child, control, dir, logFile);
    t.defer(() => {
      control.destroy();
    });
    if (options.register === true) {
      await phone.registered();
      // A phone that is killed leaves its binding behind; one that quits removes it.
      t.defer(() => phone.quit());
    }
    return phone;
  }

  /** The registration may be over before the control port takes connections, so the log tells it and not an event. */
  private async registered(): Promise<void> {
    await until(
      'baresip is registered',
      () => (/^\S+@\S+: .*200 OK/m.test(readFileSync(this.logFile, 'utf8')) ? true : undefined),
      8_000,
    );
  }

  /** What the program wrote for people. */
  log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  /** Dials a SIP URI. */
  async dial(uri: string): Promise<void> {
    await this.command('dial', uri);
  }

  /** Answers the call that rings. */
  async answer(): Promise<void> {
    await this.command('accept');
  }

  async hangUp(): Promise<void> {
    await this.command('hangup');
  }

  /** Presses one key for about 100 ms. */
  async press(key: string): Promise<void> {
    await this.command('sndcode', key);
    await new Promise((resolve) => setTimeout(resolve, 120));
    // Code 4 lets the key go.
    await this.command('sndcode', '\u0004');
  }

  /** Waits for an event such as CALL_ESTABLISHED, CALL_INCOMING, CALL_CLOSED; gives its parameter. */
  async event(type: string, timeoutMs = 15_000): Promise<string> {
    const found = await until(`baresip: ${type}`, () => this.events.find((event) => event.type === type), timeoutMs);
    return found.param;
  }

  /** All event types so far. */
  seen(): string[] {
    return this.events.map((event) => event.type);
  }

  /** What the phone played to its user, 8 kHz. */
  heard(): Int16Array {
    const [file] = this.recordings();
    if (file === undefined) throw new Error(`baresip recorded nothing in ${this.dir}`);
    const { samples, sampleRateHz } = readWav(join(this.dir, file));
    if (sampleRateHz !== LINE_RATE_HZ) throw new Error(`baresip recorded at ${sampleRateHz} Hz`);
    return samples;
  }

  /** Waits until the whole sentence was played. */
  async hears(prompt: ExpectedPrompt, timeoutMs = 30_000): Promise<void> {
    await until(
      `baresip hears "${prompt.text}"`,
      () => {
        if (this.recordings().length === 0) return undefined;
        const { offset, correlation } = findPromptInPieces(this.heard(), prompt.samples);
        return (correlation > 0.9 && this.heard().length >= offset + prompt.samples.length) || undefined;
      },
      timeoutMs,
      250,
    );
  }

  /** Ends the program, which completes its recordings. */
  async quit(): Promise<void> {
    if (this.child.process.exitCode !== null) return;
    await this.command('quit').catch(() => undefined);
    await within(this.child.exited, 5_000, 'baresip ends').catch(() => this.child.signalGroup('SIGKILL'));
  }

  private recordings(): string[] {
    return readdirSync(this.dir).filter((name) => name.startsWith('dump-') && name.endsWith('-dec.wav'));
  }

  private async command(command: string, params = ''): Promise<void> {
    const token = `t${++this.tokens}`;
    const json = JSON.stringify({ command, params, token });
    this.control.write(`${Buffer.byteLength(json)}:${json},`);
    const response = await until(
      `baresip answers '${command}'`,
      () => this.responses.find((one) => one.token === token),
      5_000,
    );
    if (!response.ok) {
      throw new Error(
        `baresip refused '${command} ${params}': ${response.data}\n${readFileSync(this.logFile, 'utf8')}`,
      );
    }
  }

  /** The control port speaks netstrings: LENGTH:JSON, */
  private read(data: Buffer): void {
    this.pending = Buffer.concat([this.pending, data]);
    for (;;) {
      const colon = this.pending.indexOf(':');
      if (colon < 0) return;
      const length = Number.parseInt(this.pending.toString('latin1', 0, colon), 10);
      if (this.pending.length < colon + 1 + length + 1) return;
      const message: unknown = JSON.parse(this.pending.toString('utf8', colon + 1, colon + 1 + length));
      this.pending = this.pending.subarray(colon + 2 + length);
      this.take(message as Record<string, unknown>);
    }
  }

  private take(message: Record<string, unknown>): void {
    if (message.event === true) {
      this.events.push({ type: String(message.type), param: String(message.param ?? '') });
    } else if (message.response === true) {
      this.responses.push({ ok: message.ok === true, token: String(message.token), data: String(message.data ?? '') });
    }
  }
}

const MODULES = '/usr/lib/baresip/modules';
let phones = 0;

function open(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(undefined));
    socket.once('connect', () => resolve(socket));
  });
}
