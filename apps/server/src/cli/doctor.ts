import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { choosePacketIo, codecUnavailability, MediaEngine } from '@voxology/media';
import { type Recognition, Speech } from '@voxology/speech';
import { Command } from 'commander';
import { type Flags, loadSettings, type Settings } from '../config/load.ts';
import { recognition } from '../start/recognition.ts';
import { portIsFree } from './port-check.ts';

const REQUIRED_NODE_MAJOR = 24;

interface Finding {
  name: string;
  state: 'ok' | 'note' | 'problem';
  detail: string;
}

/** `voxology doctor`: whether this machine can run the server, and what would mend it. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Check what this machine needs to run the server.')
    .option('--data <DIR>')
    .option('--http <HOST:PORT>')
    .option('--sip <HOST:PORT>')
    .option('--rtp <HOST:LOW-HIGH>')
    .option('--config <FILE>')
    .option('--json', 'print as JSON')
    .action(async ({ json, ...flags }: Flags & { json?: boolean }) => {
      const findings = await examine(flags);
      if (json === true) console.log(JSON.stringify(findings));
      else for (const { name, state, detail } of findings) console.log(`${mark(state)} ${name.padEnd(16)} ${detail}`);
      process.exitCode = findings.some(({ state }) => state === 'problem') ? 1 : 0;
    });
}

async function examine(flags: Flags): Promise<Finding[]> {
  const node = process.versions.node;
  const findings: Finding[] = [
    Number(node.split('.')[0]) >= REQUIRED_NODE_MAJOR
      ? { name: 'Node', state: 'ok', detail: node }
      : {
          name: 'Node',
          state: 'problem',
          detail: `${node} is too old: ${REQUIRED_NODE_MAJOR} is needed (npm brings it on Linux and Windows)`,
        },
  ];
  let settings: Settings;
  try {
    settings = loadSettings(flags, process.env);
  } catch (error) {
    return [...findings, { name: 'Configuration', state: 'problem', detail: (error as Error).message }];
  }
  findings.push({ name: 'Configuration', state: 'ok', detail: `data in ${settings.data}` });
  findings.push(await port('HTTP port', 'tcp', settings.http, '--http'));
  findings.push(await port('SIP port (UDP)', 'udp', settings.sip, '--sip'));
  findings.push(await port('SIP port (TCP)', 'tcp', settings.sip, '--sip'));
  findings.push(await media(settings));
  findings.push(packetIo(settings));
  findings.push(opus());
  findings.push(await speech());
  findings.push(await speechToText(settings));
  const espeak = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'espeak-ng')));
  findings.push(
    espeak
      ? { name: 'Languages', state: 'ok', detail: 'espeak-ng speaks what English voices cannot' }
      : { name: 'Languages', state: 'note', detail: 'English only; install espeak-ng for about 100 other languages' },
  );
  return findings;
}

async function port(
  name: string,
  protocol: 'udp' | 'tcp',
  { host, port: number }: { host: string; port: number },
  flag: string,
): Promise<Finding> {
  const problem = await portIsFree(protocol, host, number);
  if (problem === null) return { name, state: 'ok', detail: `${host}:${number} is free` };
  return {
    name,
    state: 'problem',
    detail: `${host}:${number}: ${problem} (choose another with ${flag} HOST:PORT, or stop the other program)`,
  };
}

async function media({ rtp }: Settings): Promise<Finding> {
  try {
    const engine = await MediaEngine.start({
      host: rtp.host,
      portLow: rtp.portLow,
      portHigh: rtp.portHigh,
      workers: 1,
    });
    const session = await engine.createSession();
    await session.close();
    await engine.close();
    return { name: 'RTP', state: 'ok', detail: `${rtp.host}:${rtp.portLow}-${rtp.portHigh}` };
  } catch (error) {
    return { name: 'RTP', state: 'problem', detail: (error as Error).message };
  }
}

function packetIo({ media: { packet_io: wish } }: Settings): Finding {
  const name = 'Packet I/O';
  try {
    const { packetIo: chosen, reason } = choosePacketIo(wish);
    if (chosen === 'native') return { name, state: 'ok', detail: 'native: one call for the packets of many calls' };
    return { name, state: 'note', detail: `Node's own sockets (fewer calls per core than the addon): ${reason}` };
  } catch (error) {
    return { name, state: 'problem', detail: `${(error as Error).message} (or set media.packet_io to "auto")` };
  }
}

function opus(): Finding {
  const reason = codecUnavailability('opus');
  if (reason === null) return { name: 'Opus', state: 'ok', detail: 'can be spoken' };
  return { name: 'Opus', state: 'note', detail: `is neither offered nor taken: ${reason}` };
}

async function speech(): Promise<Finding> {
  const voice = new Speech({ workers: 1 });
  try {
    const { durationMs } = await voice.say({ text: 'Hello.' });
    return {
      name: 'Text-to-speech',
      state: 'ok',
      detail: `works offline ("Hello." lasts ${Math.round(durationMs)} ms)`,
    };
  } catch (error) {
    return { name: 'Text-to-speech', state: 'problem', detail: (error as Error).message };
  } finally {
    await voice.close();
  }
}

async function speechToText(settings: Settings): Promise<Finding> {
  const name = 'Speech-to-text';
  const { provider } = settings.speech.recognition;
  const noClient = { request: () => Promise.reject(new Error('doctor sends no speech')) };
  let understanding: Recognition;
  try {
    understanding = await recognition(settings, noClient);
  } catch (error) {
    return { name, state: 'problem', detail: (error as Error).message };
  }
  try {
    const refusal = await understanding.refusal(null);
    if (refusal !== null) {
      const mend = provider === 'auto' ? '; or set speech.recognition to a server of yours (docs/speech.md)' : '';
      return { name, state: 'note', detail: `callers are not understood: ${refusal}${mend}` };
    }
    if (understanding.name !== 'pocketsphinx') {
      return { name, state: 'ok', detail: `${understanding.name}: ${settings.speech.recognition.url} (not asked now)` };
    }
    const quiet = { samples: new Int16Array(8000), sampleRateHz: 8000, hints: ['yes'], language: null };
    await understanding.recognize('doctor', quiet, new AbortController().signal);
    return { name, state: 'ok', detail: 'pocketsphinx understands English' };
  } catch (error) {
    return { name, state: 'problem', detail: (error as Error).message };
  } finally {
    await understanding.close();
  }
}

function mark(state: Finding['state']): string {
  return { ok: 'ok     ', note: 'note   ', problem: 'PROBLEM' }[state];
}
