/** The event log of every call and text message of the suite: whole, in order, and enough to run or simulate the call again. */
import { createInterpreter, type Effect, readCallLog, replayCallLog, simulateCallLog } from '@voxology/callflow';
import {
  brokenInterpreter,
  FAULT_NAMES,
  type FaultName,
  INAUDIBLE_FAULTS,
} from '../../packages/callflow/src/testing/broken-interpreters.ts';
import { allCallLogs, type FlowLog, isEndCallAttempt } from '../lib/call-logs.ts';
import { CallbackServer } from '../lib/callback-server.ts';
import { equal, ok } from '../lib/check.ts';
import { actions, collect, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { isWholeSuite, test } from '../lib/suite.ts';

/** What the calls and messages of the whole suite do with others than the caller: of each, some has to be simulated. */
const KINDS: readonly Effect['type'][] = [
  'play',
  'send_digits',
  'transfer',
  'end_transfer',
  'join_conference',
  'leave_conference',
  'enter_queue',
  'connect_queue',
  'start_recording',
  'stop_recording',
  'start_stream',
  'start_detection',
  'http_request',
  'send_message',
  'finish_message',
];

test('event logs: every call of this run is logged whole, and its replay and its simulation are the same', {
  timeoutMs: 180_000,
  last: true,
}, async (t) => {
  const server = await sharedServer();
  const web = await CallbackServer.open(t, [{ status: 200 }]);
  const user = await CallbackServer.open(t, [
    actions(
      { type: 'SESSIONDATA', session_data: { a: 1 } },
      { type: 'HTTP', params: { url: web.url, result: 'name' } },
      { type: 'SEND_DIGITS', params: { digits: '1' } },
      { type: 'DETECT', params: { timeout: 500 } },
      collect('k', { num_digits: 1, timeout: 500 }, say('Press.')),
    ),
    actions(hangUp),
    { status: 200 },
  ]);
  const phone = await call(t, server, { to: await newNumber(server, { url: user.url }) });
  await phone.sipp.succeeded();
  await user.first('end_call');

  const { logs: all, serversWithoutAnswer } = await allCallLogs(server);
  const logs = all.filter((log) => !isRefused(log));
  ok(logs.length > 0, 'there are calls');
  for (const log of logs) checkLog(log);
  equal(logs.flatMap(unknownParameters), [], 'what calls of the suite write that no action has');
  const gone = serversWithoutAnswer === 0 ? '' : `; without those of ${serversWithoutAnswer} servers that were gone`;
  console.log(`      ${logs.length} event logs checked and replayed${gone}`);

  const { simulated, differing, obstacles } = simulateAll(logs);
  equal(differing, [], 'calls and simulations of them whose transcripts differ');
  ok(simulated.length > 0, 'there are calls that can be simulated');
  const done = new Set(simulated.flatMap(({ events }) => events.map(({ kind, type }) => `${kind} ${type}`)));
  const missing = KINDS.filter((kind) => !done.has(`effect ${kind}`));
  if (isWholeSuite()) equal(missing, [], 'what no simulated call does');
  console.log(`      ${simulated.length} simulated with the same transcript; not simulated: ${told(obstacles)}`);

  checkFaultsAreNoticed(logs, simulated);
});

/** A call that was refused before it had a flow: its log says why, and nothing else. */
function isRefused({ events }: FlowLog): boolean {
  const [first, second] = events;
  return (
    `${first?.kind} ${first?.type}` === 'event error' && second?.type === 'ended' && second.data.reason === 'refused'
  );
}

/** Whole and in order, and replayed to the same effects. */
function checkLog(log: FlowLog): void {
  const { events } = log;
  const about = `call ${log.call_id}`;
  equal(
    events.map(({ seq }) => seq),
    events.map((_, i) => i + 1),
    `${about}: sequence numbers`,
  );
  equal([events[0]?.kind, events[0]?.type], ['input', 'start'], `${about}: the first event`);
  const finish = events.findIndex(({ kind, type }) => kind === 'effect' && /^finish(_message)?$/.test(type));
  ok(finish > 0, `${about}: it ends with finish`);
  equal(
    events.slice(finish + 1).filter((event) => !AFTER_FINISH.has(event.kind) && !isKeywordReply(event)),
    [],
    `${about}: what follows the finish`,
  );
  ok(
    log.end_callback === 'delivered' ? events.slice(finish).some(isEndCallAttempt) : true,
    `${about}: the attempt that delivered its end_call is logged`,
  );
  equal(
    events.filter(({ type }) => type === 'defect'),
    [],
    `${about}: defects of ours`,
  );
  equal(differences(log), [], `${about}: what its replay wants done otherwise`);
}

/** Parameters that tests write wrongly on purpose. */
const WRONG_ON_PURPOSE: readonly string[] = [];

/** A test of a parameter that is none tests nothing. */
function unknownParameters({ call_id: call, events }: FlowLog): unknown[] {
  return events
    .filter(({ kind, type }) => kind === 'event' && type === 'warning')
    .map(({ data }) => ({ call, warning: String(data.message), action: data.action, path: data.path }))
    .filter(({ warning }) => warning.startsWith('unknown parameter') && !WRONG_ON_PURPOSE.includes(warning));
}

function simulateAll(logs: readonly FlowLog[]): {
  simulated: FlowLog[];
  differing: unknown[];
  obstacles: Map<string, number>;
} {
  const simulated: FlowLog[] = [];
  const differing: unknown[] = [];
  const obstacles = new Map<string, number>();
  for (const log of logs) {
    const again = simulateCallLog(readCallLog(log));
    if (again.obstacle !== null) obstacles.set(again.obstacle, (obstacles.get(again.obstacle) ?? 0) + 1);
    else if (again.isSame) simulated.push(log);
    else differing.push({ call: log.call_id, ...again });
  }
  return { simulated, differing, obstacles };
}

/** A check that no fault fails is none: interpreters with a fault give other effects and other transcripts. */
function checkFaultsAreNoticed(logs: readonly FlowLog[], simulated: readonly FlowLog[]): void {
  const shownIn = new Map<FaultName, number>();
  // Of a call whose server crashed only the end is known.
  for (const log of logs.filter((one) => !one.events.some(({ data }) => data.reason === 'recovered'))) {
    let faults = 0;
    for (const name of FAULT_NAMES) {
      const interpreter = brokenInterpreter(name);
      const isNoticed = differences(log, interpreter).length > 0;
      equal(isNoticed, interpreter.hasShown(), `call ${log.call_id}: its replay notices an interpreter that ${name}`);
      if (isNoticed) faults += 1;
      shownIn.set(name, (shownIn.get(name) ?? 0) + (isNoticed ? 1 : 0));
    }
    ok(faults > 0, `call ${log.call_id}: some fault of an interpreter makes its replay differ`);
  }
  console.log(`      noticed by replay: ${told(shownIn)}`);
  // The faults need calls that press keys and choose.
  if (!isWholeSuite()) return;
  const unnoticed = [...shownIn].filter(([, count]) => count === 0);
  equal(unnoticed, [], 'faults of an interpreter that matter to no call');
  for (const name of FAULT_NAMES.filter((one) => !INAUDIBLE_FAULTS.includes(one))) {
    const isNoticed = (log: FlowLog) =>
      !simulateCallLog(readCallLog(log), { interpreter: brokenInterpreter(name) }).isSame;
    ok(simulated.some(isNoticed), `some simulation notices an interpreter that ${name}`);
  }
}

function told(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([what, count]) => `${what} (${count})`).join(', ') || 'none';
}

/** The figures of the media, the delivery of the last callback, a response that comes late. */
const AFTER_FINISH = new Set(['media', 'http', 'sip']);

/** What the house itself answers to STOP and its like, when the flow has said nothing. */
function isKeywordReply({ kind, data }: FlowLog['events'][number]): boolean {
  return kind === 'event' && String(data.message).startsWith('answered to the keyword');
}

/** What the interpreter wants done otherwise than it was, when the logged inputs come again. */
function differences(log: FlowLog, interpreter = createInterpreter()): unknown[] {
  return replayCallLog(readCallLog(log), { interpreter }).flatMap((step) => step.differences);
}
