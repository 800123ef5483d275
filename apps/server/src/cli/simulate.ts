import type { Readable } from 'node:stream';
import {
  type CallerAct,
  type JsonObject,
  type SimulatedServerCall,
  type SimulationScript,
  simulate,
  transcriptText,
} from '@voxology/callflow';
import { Command, InvalidArgumentError, Option } from 'commander';
import { duration, keys, moment, noted, wholeNumber } from './call-options.ts';
import { addColourOption } from './colour.ts';
import { isUrl, MAX_CALLBACKS_OF_A_FILE, MAX_CALLBACKS_OF_A_SERVER, withFlow } from './flow-source.ts';
import { hiddenSwitches, needlessSwitches } from './needless-switches.ts';
import { letPersonCall } from './person-calling.ts';
import { refuseSwitchesOfCalls, simulateText, textAsJson } from './simulated-text.ts';
import { addWorldOptions, type WorldOptions, worldOf } from './simulated-world.ts';
import { paint } from './transcript-colours.ts';

interface SimulateOptions extends WorldOptions {
  sms?: string;
  interactive?: true;
  speech?: CallerAct[];
  speechError?: string;
  caller?: string;
  number?: string;
  outbound?: true;
  press?: CallerAct[];
  hangupAfter?: number;
  at?: string;
  sessionData?: JsonObject;
  customData?: JsonObject;
  method: 'GET' | 'POST';
  timeout?: number;
  maxCallbacks?: number;
  json?: true;
}

const EXAMPLES = `
Each --press and --speech is for the next COLLECT that takes it, in this order; --press '' lets one pass, --speech '' is not
understood. A --speech is also the message of a RECORD. Speech takes 300 ms and 65 ms a character, files 5 s.

Examples:
  voxology simulate flows/menu.json --press 1
  voxology simulate menu.json --press '1234#' --press 2 --hangup-after 30s
  voxology simulate order.json --press 1 --speech "two large ones"
  voxology simulate http://127.0.0.1:3000/voice --caller +12125550101 --press 1
  voxology simulate menu.json --interactive
  voxology simulate texts.json --sms STOP --caller +13105550142
  voxology simulate menu.json --press 2 --transfer busy,no=+12125550111 --transfer answer,talk=1m
  voxology simulate menu.json --at 2026-12-24T18:00:00Z --session-data '{"name":"Ann"}' --json

Exit code: 0, or 1 when something went wrong in the call (a callback failed, a document was rejected …).`;

/** `voxology simulate`: a call without a telephone, in no time. */
export function simulateCommand(terminal: Readable = process.stdin): Command {
  const acts: CallerAct[] = [];
  const command = new Command('simulate')
    .description('Call a flow or a web server without a telephone, and read what the caller hears.')
    .argument(
      '<FLOW|URL>',
      'JSON or YAML file (- is the standard input), or the http(s) address of a server, which is really asked',
    )
    .option('--caller <NUMBER>', 'the remote party')
    .option('--number <NUMBER>', 'your own number')
    .option('--sms <TEXT>', 'a text message comes in, in place of a call')
    .option('--outbound', 'we call the remote party, who answers after 2 s')
    .option('--press <KEYS>', 'keys for the next COLLECT; may be repeated', (text) =>
      noted(acts, { presses: keys(text) }),
    )
    .option('--speech <WORDS>', 'what the caller says at the next COLLECT that takes speech; may be repeated', (says) =>
      noted(acts, { says }),
    )
    .option('--speech-error <REASON>', 'why nobody understands what the caller says')
    .option('--interactive', 'you are the caller: read what is said, type keys or say WORDS; h hangs up')
    .option('--hangup-after <TIME>', 'the caller hangs up that long after the start: 5s, 800ms, 2m', duration)
    .option('--at <TIME>', 'when the call begins, ISO 8601 (2026-01-02T09:00:00Z)', moment)
    .option('--session-data <JSON>', 'session data of the call', jsonObject)
    .option('--custom-data <JSON>', "the number's custom data", jsonObject)
    .addOption(new Option('--method <METHOD>', 'of the requests to a URL').choices(['GET', 'POST']).default('POST'))
    .option(
      '--timeout <TIME>',
      'give a server up after that long (as in a call when not given: three tries of 10 s)',
      duration,
    )
    .option('--max-callbacks <N>', 'the caller gives up after that many (3 for a file, 50 for a URL)', wholeNumber(1))
    .option('--json', 'print the call as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (flow: string, options: SimulateOptions, command: Command) => {
      try {
        if (options.sms !== undefined) {
          refuseSwitchesOfCalls(command);
          await showText(flow, options.sms, options);
          return;
        }
        const person = options.interactive === true ? terminal : null;
        const call = await run(flow, options, person);
        if (options.json === true) console.log(JSON.stringify(asJson(call), null, 2));
        else if (person === null) console.log(transcriptText(call.transcript, paint));
        for (const told of [...needlessSwitches(options, call.callbacks), ...hiddenSwitches(options)])
          console.error(told);
        for (const { data } of call.transcript) {
          if (typeof data.endless === 'string') console.error(endOf(data.endless));
        }
        if (call.transcript.some(({ text }) => /\(column \d+\)$/.test(text)) && !isUrl(flow) && flow !== '-')
          console.error(`In which line of the file: voxology lint ${flow}`);
        if (call.transcript.some(({ type }) => type === 'error')) process.exitCode = 1;
      } catch (error) {
        command.error(error instanceof Error ? error.message : String(error), { exitCode: 2 });
      }
    });
  return addWorldOptions(addColourOption(command));
}

/** The switches that would have ended a call. */
const ENDS: Readonly<Record<string, string>> = {
  transfer: ' or --transfer talk=10s',
  conference: ' or --conference ends=12s',
  queue: ' or --queue connects=10s',
};

/** What to write for a call that would not have ended. */
function endOf(endless: string): string {
  return `The flow does not end by itself in this call: write --hangup-after 30s${ENDS[endless] ?? ''}.`;
}

/** How a server is asked. */
function askingOf({ method, timeout }: SimulateOptions) {
  return { method, timeoutMs: timeout ?? null, tell: (text: string) => console.error(text) };
}

/** A text message, and what the flow makes of it. */
async function showText(flow: string, text: string, options: SimulateOptions): Promise<void> {
  const message = await withFlow(flow, askingOf(options), (source) => simulateText(source, text, options));
  if (options.json === true) console.log(JSON.stringify(textAsJson(message), null, 2));
  else console.log(transcriptText(message.transcript, paint));
  if (message.transcript.some(({ type }) => type === 'error')) process.exitCode = 1;
}

/** `person`: where a caller types; null when the script says all that the caller does. */
async function run(flow: string, options: SimulateOptions, person: Readable | null): Promise<SimulatedServerCall> {
  if (person !== null && (flow === '-' || options.json === true))
    throw new Error('--interactive needs the standard input for you, and prints no JSON.');
  return await withFlow(flow, askingOf(options), async ({ callback, answer }) => {
    const script: SimulationScript = {
      settings: { callback },
      acts: options.speech ?? options.press ?? [],
      ...worldOf(options),
      ...(options.speechError === undefined ? {} : { speechError: options.speechError }),
      maxCallbacks: options.maxCallbacks ?? (isUrl(flow) ? MAX_CALLBACKS_OF_A_SERVER : MAX_CALLBACKS_OF_A_FILE),
      ...(options.outbound === undefined ? {} : { direction: 'outbound' as const }),
      ...(options.caller === undefined ? {} : { callerNo: options.caller }),
      ...(options.number === undefined ? {} : { apiNo: options.number }),
      ...(options.hangupAfter === undefined ? {} : { hangupAfterMs: options.hangupAfter }),
      ...(options.at === undefined ? {} : { at: options.at }),
      ...(options.sessionData === undefined ? {} : { sessionData: options.sessionData }),
      ...(options.customData === undefined ? {} : { customData: options.customData }),
    };
    const call = await simulate(answer, script);
    if (person === null) return await call.ends();
    await letPersonCall(call, person, (line) => console.log(line));
    return call;
  });
}

function asJson(call: SimulatedServerCall): object {
  return {
    outcome: call.outcome,
    heard: call.heard,
    session_data: call.sessionData,
    variables: call.variables,
    callbacks: call.callbacks,
    transcript: call.transcript,
  };
}

function jsonObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch (error) {
    throw new InvalidArgumentError(`This is not JSON: ${(error as Error).message}`);
  }
  throw new InvalidArgumentError('Write a JSON object, for example \'{"name":"Ann"}\'.');
}
