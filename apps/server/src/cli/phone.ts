import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { writeWav } from '@voxology/media';
import { Command, InvalidArgumentError } from 'commander';
import { readAccount } from '../phone/account.ts';
import { Phone, type PhoneOutcome } from '../phone/phone.ts';
import { inPlainWords } from '../phone/refusals.ts';
import { serverAnswers } from '../phone/server-answers.ts';
import { SoundPlayer } from '../phone/sound-player.ts';

const RATE_HZ = 8000;
/** Before the first key, so that the other side is ready for it. */
const KEYS_AFTER_MS = 1000;

interface PhoneOptions {
  dial?: string;
  answer?: boolean;
  press?: string;
  record?: string;
  for?: number;
  data: string;
  json?: boolean;
}

/** `voxology phone`: a SIP phone on the terminal. */
export function phoneCommand(version: string): Command {
  return new Command('phone')
    .description('Call a number, or wait for a call, from this terminal.')
    .option('--dial <NUMBER>', 'call this number')
    .option('--answer', 'register, and answer the next call')
    .option('--press <KEYS>', 'keys to send after the answer (0-9 * # A-D; a comma waits half a second)', keys)
    .option('--record <FILE.wav>', 'write what is heard to a WAV file')
    .option('--for <SECONDS>', 'hang up so long after the answer', seconds)
    .option('--data <DIR>', "the server's data directory", process.env.VOXOLOGY_DATA ?? './data')
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', '\nOn a terminal, digits you type are sent as keys and q hangs up.')
    .action(async (options: PhoneOptions, command: Command) => {
      if ((options.dial === undefined) === (options.answer !== true))
        command.error('Say either --dial NUMBER or --answer.');
      try {
        process.exitCode = await run(options, version);
      } catch (error) {
        command.error(error instanceof Error ? error.message : String(error));
      }
    });
}

async function run(options: PhoneOptions, version: string): Promise<number> {
  const account = readAccount(resolve(options.data));
  if (!(await serverAnswers(account.server))) {
    const { address, port } = account.server;
    throw new Error(`No SIP server answers at ${address}:${port}. Start it first, with npm start.`);
  }
  // Opened before the call: a recording that cannot be written is not worth one.
  const recording = options.record === undefined ? null : await open(options.record, 'w');
  const phone = await Phone.start(account, version);
  const heard: Int16Array[] = [];
  const player = SoundPlayer.start();
  const timers: NodeJS.Timeout[] = [];
  const say = (text: string) => {
    if (options.json !== true) console.log(text);
  };
  let interrupts = 0;
  const interrupted = () => {
    interrupts += 1;
    if (interrupts > 1) process.exit(130);
    phone.hangUp();
  };
  process.on('SIGINT', interrupted);
  const listener = {
    ringing: () => say('Ringing …'),
    answered: () => {
      say(`Answered.${player === null ? '' : ` Playing through ${player.program}.`}`);
      if (options.press !== undefined) timers.push(...pressAll(phone, options.press));
      if (options.for !== undefined) timers.push(setTimeout(() => phone.hangUp(), options.for * 1000));
      if (process.stdin.isTTY) typeKeys(phone);
    },
    audio: (samples: Int16Array) => {
      heard.push(samples);
      player?.play(samples);
    },
  };
  try {
    if (options.dial !== undefined) say(`Calling ${options.dial} …`);
    const outcome =
      options.dial === undefined
        ? await phone.answer(listener, () => say('Registered. Waiting for a call; Ctrl-C ends.'))
        : await phone.dial(options.dial, listener);
    const heardMs = (heard.reduce((sum, { length }) => sum + length, 0) / RATE_HZ) * 1000;
    await recording?.writeFile(writeWav(joined(heard), RATE_HZ));
    if (options.json === true)
      console.log(JSON.stringify({ ...outcome, heard_ms: heardMs, record: options.record ?? null }));
    else report(outcome, heardMs, options.record, player?.isBroken ?? true);
    return outcome.kind === 'ended' ? 0 : 1;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    player?.end();
    process.off('SIGINT', interrupted);
    await recording?.close();
    if (process.stdin.isTTY) process.stdin.setRawMode(false).pause();
    await phone.close();
  }
}

function report(outcome: PhoneOutcome, heardMs: number, file: string | undefined, isSilent: boolean): void {
  if (outcome.kind === 'failed') {
    console.log(`No call: ${inPlainWords(outcome.status, outcome.reason)}.`);
    return;
  }
  console.log(
    `${outcome.by === 'us' ? 'You hung up' : 'The other side hung up'} after ${(heardMs / 1000).toFixed(1)} s of audio.`,
  );
  if (file !== undefined) console.log(`Recorded in ${file}`);
  else if (isSilent) console.log('This machine plays no sound; add --record FILE.wav to keep what was said.');
}

/** A comma is half a second; keys between commas go out together. */
function pressAll(phone: Phone, text: string): NodeJS.Timeout[] {
  let atMs = KEYS_AFTER_MS;
  return text.split(',').map((group) => {
    const timer = setTimeout(() => phone.press(group), atMs);
    atMs += 500 + group.length * 200;
    return timer;
  });
}

function typeKeys(phone: Phone): void {
  process.stdin.setRawMode(true).resume().setEncoding('utf8');
  process.stdin.on('data', (text: string) => {
    for (const key of text) {
      if (key === 'q' || key === '\u0003') phone.hangUp();
      else if (/[0-9*#A-D]/.test(key)) phone.press(key);
    }
  });
}

function joined(parts: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function keys(text: string): string {
  if (!/^[0-9*#A-D,]+$/.test(text)) throw new InvalidArgumentError('Keys are 0-9, *, #, A-D and commas.');
  return text;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 86_400)) throw new InvalidArgumentError('Write a number of seconds, for example 10.');
  return value;
}
