import {
  type JsonObject,
  type SimulatedServerCall,
  type SimulationScript,
  simulate,
  transcriptText,
} from '@voxology/callflow';
import { Egress } from '@voxology/egress';
import { Command, InvalidArgumentError, Option } from 'commander';
import { OWN_NETWORKS, requestCallback } from './callback-request.ts';
import { readText } from './read-flow.ts';
import { paint } from './transcript-colours.ts';

interface SimulateOptions {
  caller?: string;
  number?: string;
  outbound?: true;
  press?: string[];
  hangupAfter?: number;
  at?: string;
  sessionData?: JsonObject;
  customData?: JsonObject;
  method: 'GET' | 'POST';
  maxCallbacks?: number;
  json?: true;
}

const EXAMPLES = `
Each --press is for the next COLLECT; --press '' lets one pass. Speech takes 300 ms and 65 ms a character, files 5 s.

Examples:
  voxology simulate flows/menu.json --press 1
  voxology simulate menu.json --press '1234#' --press 2 --hangup-after 30s
  voxology simulate http://127.0.0.1:3000/voice --caller +12125550101 --press 1
  voxology simulate menu.json --at 2026-12-24T18:00:00Z --session-data '{"name":"Ann"}' --json

Exit code: 0, or 1 when something went wrong in the call (a callback failed, a document was rejected …).`;

/** A static flow is the same every time: hearing it thrice is enough. A server may lead a longer conversation. */
const MAX_CALLBACKS_OF_A_FILE = 3;
const MAX_CALLBACKS_OF_A_SERVER = 50;

/** `voxology simulate`: a call without a telephone, in no time. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description('Call a flow or a web server without a telephone, and read what the caller hears.')
    .argument(
      '<FLOW|URL>',
      'JSON or YAML file (- is the standard input), or the http(s) address of a server, which is really asked',
    )
    .option('--caller <NUMBER>', 'the remote party')
    .option('--number <NUMBER>', 'your own number')
    .option('--outbound', 'we call the remote party, who answers after 2 s')
    .option('--press <KEYS>', 'keys for the next COLLECT; may be repeated', collectKeys)
    .option('--hangup-after <TIME>', 'the caller hangs up that long after the start: 5s, 800ms, 2m', duration)
    .option('--at <TIME>', 'when the call begins, ISO 8601 (2026-01-02T09:00:00Z)')
    .option('--session-data <JSON>', 'session data of the call', jsonObject)
    .option('--custom-data <JSON>', "the number's custom data", jsonObject)
    .addOption(new Option('--method <METHOD>', 'of the requests to a URL').choices(['GET', 'POST']).default('POST'))
    .option('--max-callbacks <N>', 'the caller gives up after that many (3 for a file, 50 for a URL)', count)
    .option('--json', 'print the call as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (flow: string, options: SimulateOptions, command: Command) => {
      try {
        const call = await run(flow, options);
        if (options.json === true) console.log(JSON.stringify(asJson(call), null, 2));
        else console.log(transcriptText(call.transcript, paint));
        if (call.transcript.some(({ type }) => type === 'error')) process.exitCode = 1;
      } catch (error) {
        command.error(error instanceof Error ? error.message : String(error), { exitCode: 2 });
      }
    });
}

async function run(flow: string, options: SimulateOptions): Promise<SimulatedServerCall> {
  const isUrl = /^https?:\/\//i.test(flow);
  const text = isUrl ? null : readText(flow);
  const callback = { url: flow, method: options.method, contentType: 'application/json' };
  const script: SimulationScript = {
    settings: { callback },
    presses: options.press ?? [],
    maxCallbacks: options.maxCallbacks ?? (isUrl ? MAX_CALLBACKS_OF_A_SERVER : MAX_CALLBACKS_OF_A_FILE),
    ...(options.outbound === undefined ? {} : { direction: 'outbound' as const }),
    ...(options.caller === undefined ? {} : { callerNo: options.caller }),
    ...(options.number === undefined ? {} : { apiNo: options.number }),
    ...(options.hangupAfter === undefined ? {} : { hangupAfterMs: options.hangupAfter }),
    ...(options.at === undefined ? {} : { at: options.at }),
    ...(options.sessionData === undefined ? {} : { sessionData: options.sessionData }),
    ...(options.customData === undefined ? {} : { customData: options.customData }),
  };
  const egress = new Egress({ allowPrivate: OWN_NETWORKS });
  try {
    const answer = async (request: Parameters<typeof requestCallback>[1]) =>
      text !== null && request.url === flow ? text : await requestCallback(egress, request);
    return await (await simulate(answer, script)).ends();
  } finally {
    await egress.close();
  }
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

function collectKeys(keys: string, before: string[] = []): string[] {
  if (!/^[0-9*#A-Da-d]*$/.test(keys)) throw new InvalidArgumentError('Keys are 0-9, *, # and A-D.');
  return [...before, keys];
}

function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Write a time such as 5s, 800ms or 2m.');
  const unitMs = { ms: 1, s: 1000, m: 60_000 }[match[2] ?? 's'] ?? 1000;
  return Number(match[1]) * unitMs;
}

function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Write a whole number, 1 or more.');
  return Number(text);
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
