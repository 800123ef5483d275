import type { CallerAct, SimulationScript } from '@voxology/callflow';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { duration, durationOrNever, type Fields, fieldsOf, keys, noted, oneOf, wholeNumber } from './call-options.ts';

const text = (value: string): string => value;
const yes = oneOf('yes');

/** What becomes of somebody who is rung. */
const RUNG: Fields = {
  outcome: { as: 'outcome', read: oneOf('answer', 'busy', 'no-answer', 'failed') },
  no: { as: 'no', read: text },
  after: { as: 'afterMs', read: duration },
  talk: { as: 'talkMs', read: duration },
};

/** What somebody who is rung does when it is asked first. */
const ASKED: Fields = {
  press: { as: 'presses', read: (value) => [keys(value)] },
  say: { as: 'acts', read: (says) => [{ says }] },
  declines: { as: 'declines', read: (value) => yes(value) === 'yes' },
};

interface Kind {
  option: string;
  /** The list of the script it goes into. */
  list: keyof WorldOptions & string;
  what: string;
  fields: Fields;
  /** The field of a first part without `=`. */
  bare: string | null;
}

const KINDS: readonly Kind[] = [
  {
    option: '--transfer <HOW>',
    list: 'transfer',
    what: 'what a TRANSFER meets: [answer|busy|no-answer|failed][,no=NUMBER][,after=2s][,talk=10s|never][,early-media][,press=KEYS][,say=WORDS][,declines]',
    fields: {
      ...RUNG,
      talk: { as: 'talkMs', read: durationOrNever },
      'early-media': { as: 'earlyMedia', read: (value) => yes(value) === 'yes' },
      ...ASKED,
    },
    bare: 'outcome',
  },
  {
    option: '--conference <HOW>',
    list: 'conference',
    what: 'what happens in a CONFERENCE: [name=ROOM][,participants=0][,ends=12s|never][,kicked]',
    fields: {
      name: { as: 'name', read: text },
      participants: { as: 'participants', read: wholeNumber(0) },
      ends: { as: 'endsMs', read: durationOrNever },
      kicked: { as: 'kicked', read: (value) => yes(value) === 'yes' },
    },
    bare: null,
  },
  {
    option: '--queue <HOW>',
    list: 'queue',
    what: 'what happens in a QUEUE: [name=QUEUE][,ahead=1][,connects=10s|never][,talk=10s][,no=NUMBER]',
    fields: {
      name: { as: 'name', read: text },
      ahead: { as: 'ahead', read: wholeNumber(0) },
      connects: { as: 'connectsMs', read: durationOrNever },
      talk: { as: 'talkMs', read: duration },
      no: { as: 'no', read: text },
    },
    bare: null,
  },
  {
    option: '--agent <HOW>',
    list: 'agent',
    what: 'what an agent does whom a QUEUE rings: [answer|busy|no-answer|failed][,no=NUMBER][,after=2s][,talk=10s][,press=KEYS][,say=WORDS][,declines]',
    fields: { ...RUNG, ...ASKED },
    bare: 'outcome',
  },
  {
    option: '--recording <HOW>',
    list: 'recording',
    what: 'what becomes of a RECORD: [speaks=5s][,name=NAME][,failure=REASON]',
    fields: {
      speaks: { as: 'speaksMs', read: duration },
      name: { as: 'name', read: text },
      failure: { as: 'failure', read: text },
    },
    bare: null,
  },
  {
    option: '--stream <HOW>',
    list: 'stream',
    what: 'what the far end of a STREAM does: [closes=10s|never][,url=URL][,failure=REASON]',
    fields: {
      closes: { as: 'closesMs', read: durationOrNever },
      url: { as: 'url', read: text },
      failure: { as: 'failure', read: text },
    },
    bare: null,
  },
];

const PARTY: Fields = {
  is: { as: 'is', read: oneOf('live_person', 'answering_machine', 'fax', 'pbx', 'operator', 'unknown') },
  after: { as: 'afterMs', read: duration },
  beep: { as: 'beepMs', read: durationOrNever },
};

/** What the options below were given. */
export interface WorldOptions {
  transfer?: NonNullable<SimulationScript['transfers']>[number][];
  /** In the order of the command line; each switch has all of them. */
  calleePress?: CallerAct[];
  calleeSays?: CallerAct[];
  calleeDeclines?: true;
  conference?: NonNullable<SimulationScript['conferences']>[number][];
  queue?: NonNullable<SimulationScript['queues']>[number][];
  agent?: NonNullable<SimulationScript['agents']>[number][];
  recording?: NonNullable<SimulationScript['recordings']>[number][];
  stream?: NonNullable<SimulationScript['streams']>[number][];
  party?: NonNullable<SimulationScript['party']>;
  http?: ReturnType<NonNullable<SimulationScript['http']>>;
  messageError?: string;
}

/** Adds the switches for everybody but the caller: far sides of transfers, others in a room, web servers. */
export function addWorldOptions(command: Command): Command {
  const acts: CallerAct[] = [];
  for (const { option, what, fields, bare } of KINDS) {
    const read = (value: string, before: unknown[] = []): unknown[] => [...before, fieldsOf(value, fields, bare)];
    command.addOption(new Option(option, `${what}; may be repeated`).argParser(read));
  }
  return command
    .option(
      '--callee-press <KEYS>',
      'keys that callees of a TRANSFER, and agents of a QUEUE, press when `whisper` or `confirm` asks for some; may be repeated',
      (value) => noted(acts, { presses: keys(value) }),
    )
    .option('--callee-says <WORDS>', 'what they say when it asks for speech; may be repeated', (says) =>
      noted(acts, { says }),
    )
    .option('--callee-declines', 'they hang up when they are asked')
    .option(
      '--party <WHO>',
      'who answers, for DETECT: live_person|answering_machine|…[,after=2s][,beep=6s|never]',
      (value) => fieldsOf(value, PARTY, 'is'),
    )
    .option('--http <ANSWER>', 'what HTTP actions are answered: a status, or 200={"json":1}', httpAnswer)
    .option('--message-error <REASON>', 'why an SMS cannot be sent');
}

/** The part of the script that the switches give. */
export function worldOf(options: WorldOptions): Partial<SimulationScript> {
  const { transfer, conference, queue, agent, recording, stream, party, http, messageError } = options;
  return {
    ...withCallees(options, 'transfers', transfer),
    ...(conference && { conferences: conference }),
    ...(queue && { queues: queue }),
    ...withCallees(options, 'agents', agent),
    ...(recording && { recordings: recording }),
    ...(stream && { streams: stream }),
    ...(party && { party }),
    ...(http && { http: () => http }),
    ...(messageError !== undefined && { messageError }),
  };
}

/** What callees do in every transfer, and agents in every queue, stands behind what is said of one. */
function withCallees<Name extends 'transfers' | 'agents'>(
  { calleePress, calleeSays, calleeDeclines }: WorldOptions,
  name: Name,
  told: SimulationScript[Name],
): Partial<SimulationScript> {
  const acts = calleePress ?? calleeSays;
  if (acts === undefined && calleeDeclines === undefined) return told === undefined ? {} : { [name]: told };
  const declines = calleeDeclines && { declines: true };
  const all = [...(told ?? []), {}].map((one) => {
    const saysItself = 'presses' in one || 'acts' in one;
    return { ...(saysItself || acts === undefined ? {} : { acts }), ...declines, ...one };
  });
  return { [name]: all };
}

function httpAnswer(value: string): WorldOptions['http'] {
  const match = /^([1-5]\d\d)(?:=(.*))?$/s.exec(value);
  if (match === null) throw new InvalidArgumentError('Write a status such as 404, or 200={"json":1}.');
  const [, status, body] = match;
  if (body === undefined) return { status: Number(status) };
  try {
    return { status: Number(status), body: JSON.parse(body) };
  } catch {
    return { status: Number(status), body };
  }
}
