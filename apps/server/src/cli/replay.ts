import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type CallerAct,
  type Effect,
  type FlowSettings,
  type IncomingMessage,
  type Input,
  type Json,
  type JsonObject,
  type LoggedCall,
  type ReplayedStep,
  readCallLog,
  replayCallLog,
  type SimulationScript,
  simulate,
  simulateMessage,
  transcriptText,
} from '@voxology/callflow';
import { Egress } from '@voxology/egress';
import { Command } from 'commander';
import type { Quickstart } from '../start/quickstart.ts';
import { OWN_NETWORKS } from './callback-request.ts';
import { addColourOption, coloured, type Style } from './colour.ts';
import { readText } from './read-flow.ts';
import { paint } from './transcript-colours.ts';

interface ReplayOptions {
  against?: string;
  data: string;
  json?: true;
}

const EXAMPLES = `
Examples:
  voxology replay 10605776@17155753               asks the server whose data are in ./data
  voxology replay call.json                       the answer of GET /v1/CallFlows/Logs/{call_id}
  voxology replay call.json --against menu.json   where does a new flow go another way?

Exit code: 0 when everything is the same, 1 when something differs, 2 when there is no such call or file.`;

/** `voxology replay`: a past call again, step by step. */
export function replayCommand(): Command {
  const command = new Command('replay')
    .description('Run the inputs of a past call again, and see every step of its flow.')
    .argument('<FILE|CALL_ID>', 'a saved call log, or the id of a call on the server')
    .option('--against <FLOW>', 'answer its callbacks with this flow, up to where it goes another way')
    .option('--data <DIR>', "the server's data directory", process.env.VOXOLOGY_DATA ?? './data')
    .option('--json', 'print the steps as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (source: string, options: ReplayOptions, command: Command) => {
      try {
        const call = callIn(await logOf(source, options.data), source);
        const against = options.against === undefined ? undefined : readText(options.against);
        const steps = replayCallLog(call, against === undefined ? {} : { against });
        const isSame = steps.every(({ differences }) => differences.length === 0);
        process.exitCode = isSame ? 0 : 1;
        if (options.json === true) console.log(JSON.stringify({ call_id: call.callId, same: isSame, steps }, null, 2));
        else await print(call, steps, against);
      } catch (error) {
        command.error(error instanceof Error ? error.message : String(error), { exitCode: 2 });
      }
    });
  return addColourOption(command);
}

function callIn(log: unknown, source: string): LoggedCall {
  try {
    return readCallLog(log);
  } catch (error) {
    throw new Error(`${source}: ${(error as Error).message}. Save one from GET /v1/CallFlows/Logs/{call_id}.`);
  }
}

async function logOf(source: string, dataDir: string): Promise<unknown> {
  if (source === '-' || existsSync(source)) return parsed(readText(source), source);
  const path = resolve(dataDir, 'quickstart.json');
  if (!existsSync(path)) {
    throw new Error(
      `There is no file ${source}; to ask the server for a call of that id, name its data with --data DIR.`,
    );
  }
  const { http_url, api_key } = parsed(readText(path), path) as Quickstart;
  const egress = new Egress({ allowPrivate: OWN_NETWORKS, maxResponseBytes: 1 << 28 });
  try {
    const url = `${http_url}/v1/CallFlows/Logs/${encodeURIComponent(source)}`;
    const { status, body } = await egress.request({ method: 'GET', url, headers: { 'x-api-key': api_key } });
    if (status === 404) throw new Error(`There is neither a file nor a call ${source}.`);
    if (status !== 200) throw new Error(`GET ${url} was answered with ${status}.`);
    return parsed(new TextDecoder().decode(body), url);
  } finally {
    await egress.close();
  }
}

function parsed(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${source} is not JSON: ${(error as Error).message}`);
  }
}

async function print(call: LoggedCall, steps: ReplayedStep[], against: string | undefined): Promise<void> {
  const startMs = call.steps[0]?.input.atMs ?? 0;
  for (const step of steps) {
    const time = coloured('dim', `${((step.input.atMs - startMs) / 1000).toFixed(2).padStart(8)} s`);
    console.log(`${time}  ${coloured('bold', step.input.type.padEnd(18))}${ofInput(step.input)}`.trimEnd());
    for (const { name, before, after } of step.changes) {
      line('state', 'magenta', `${name}: ${before === null ? '' : `${before} → `}${after ?? '(gone)'}`);
    }
    const errors = new Set(step.events.flatMap(({ type, message }) => (type === 'error' ? [message] : [])));
    for (const { type, message, path } of step.events) {
      if (type === 'progress') line('tells', 'dim', `${message}  ${coloured('dim', path ?? '')}`.trimEnd());
      else if (type === 'warning') line('warning', 'yellow', `${message}  ${coloured('dim', path ?? '')}`);
      else if (type === 'error' || (type === 'document_rejected' && !errors.has(message)))
        line('error', 'red', message);
    }
    for (const effect of step.effects) line('does', 'green', ofEffect(effect));
    for (const { logged, replayed } of step.differences) {
      line('logged', 'red', logged === null ? 'nothing' : ofEffect(logged));
      line(against === undefined ? 'but now' : 'new flow', 'red', replayed === null ? 'nothing' : ofEffect(replayed));
    }
  }
  const differing = steps.filter(({ differences }) => differences.length > 0).length;
  console.log('');
  if (against !== undefined && differing > 0) await printNewCall(call, against);
  else if (differing > 0) console.log(coloured('red', `${differing} of ${steps.length} steps differ from the log.`));
  else {
    const effects = steps.reduce((sum, step) => sum + step.effects.length, 0);
    console.log(coloured('green', `${steps.length} steps, ${effects} effects: all as in the log.`));
  }
}

/** The new flow, called by a caller who presses and says what the caller of the log did, and callees who do too. */
async function printNewCall(call: LoggedCall, against: string): Promise<void> {
  const [start] = call.steps;
  if (start?.input.type === 'start' && start.input.message !== undefined) {
    await printNewMessage(start.input, start.input.message, against);
    return;
  }
  console.log('Here the new flow goes another way. With the same keys and words, a call to it would be:\n');
  const events = replayCallLog(call).flatMap((step) => step.events);
  const collected = events.filter(({ type }) => type === 'digits_collected').map(({ data }) => data);
  const actsOf = (no: Json | undefined) => collected.filter(({ callee }) => callee === no).map(actOf);
  const asked = new Set(collected.map(({ callee }) => callee).filter((no) => typeof no === 'string'));
  const callees = [...asked].map((no) => ({ no, acts: actsOf(no) }));
  const [first] = call.steps;
  const script: SimulationScript = {
    acts: actsOf(undefined),
    transfers: callees,
    agents: callees,
    maxCallbacks: 3,
  };
  if (first?.input.type === 'start') {
    const { call: info, sessionData, seed } = first.input;
    const settings = settingsOfFlow(first.input.settings);
    Object.assign(script, { call: info, direction: info.direction, at: first.input.atMs, sessionData, seed, settings });
  }
  console.log(transcriptText((await simulate(against, script)).ends().transcript, paint));
}

/** What the application has set for its flows, such as its apology, but for where it has them from and how long a call may be. */
function settingsOfFlow({
  callback,
  callbackFailover,
  maxCallTimeMs,
  ...settings
}: FlowSettings): Partial<FlowSettings> {
  return settings;
}

/** What the caller did at a COLLECT. */
function actOf({ digits, speech, ended_by }: JsonObject): CallerAct {
  return ended_by === 'speech' ? { says: String(speech) } : { presses: String(digits) };
}

/** The new flow, with the message of the log. */
async function printNewMessage(
  { call, sessionData, seed, atMs, settings }: Extract<Input, { type: 'start' }>,
  { text, media }: IncomingMessage,
  against: string,
): Promise<void> {
  console.log('Here the new flow goes another way. With the same message, it does:\n');
  const mediaUrls = media.map(({ url }) => url);
  const message = await simulateMessage(against, {
    text,
    mediaUrls,
    call,
    sessionData,
    seed,
    at: atMs,
    settings: settingsOfFlow(settings),
  });
  console.log(transcriptText(message.transcript, paint));
}

function line(label: string, style: Style, text: string): void {
  console.log(`            ${coloured(style, label.padEnd(9))} ${text}`);
}

function ofInput(input: Input): string {
  switch (input.type) {
    case 'start':
      return `${input.message?.type ?? input.call.direction}, ${input.call.callerNo} ↔ ${input.call.apiNo}`;
    case 'callback_answered':
      return `HTTP ${input.httpStatus}, ${input.bodyText.length} characters`;
    default: {
      const { type: _type, atMs: _atMs, ...rest } = input;
      return Object.values(rest).map(shown).join(' ');
    }
  }
}

function ofEffect(effect: Effect): string {
  switch (effect.type) {
    case 'request_callback':
    case 'request_message_callback':
      return `${effect.type} ${effect.body.type} ${effect.target.method} ${effect.target.url}`;
    case 'play': {
      const { source } = effect;
      return `play ${effect.playbackId} ${shown(source.kind === 'say' ? `"${source.text}"` : source.url)}`;
    }
    case 'finish_message':
      return `finish_message ${effect.record.status}`;
    case 'finish':
      return `finish ${effect.record.status}, ended by ${effect.record.hangupEnd}`;
    default: {
      const { type, ...rest } = effect;
      return `${type} ${Object.values(rest).map(shown).join(' ')}`.trim();
    }
  }
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
