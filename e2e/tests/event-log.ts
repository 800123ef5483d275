/** The event log of every call of the suite: whole, in order, and enough to run or simulate the call again. */
import { isDeepStrictEqual } from 'node:util';
import { createInterpreter, type Input, readCallLog, replay, simulateCallLog } from '@voxology/callflow';
import { until } from '../lib/bounded.ts';
import { CallbackServer } from '../lib/callback-server.ts';
import { callsSeen } from '../lib/calls-seen.ts';
import { equal, ok } from '../lib/check.ts';
import { actions, collect, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { Rest } from '../lib/rest.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

interface LoggedEvent {
  seq: number;
  time: string;
  kind: string;
  type: string;
  data: Record<string, unknown>;
}

interface FlowLog {
  call_id: string;
  status: string | null;
  end_callback: string;
  events: LoggedEvent[];
}

test('event logs: every call of this run is logged whole and replays to the same effects', {
  timeoutMs: 120_000,
  last: true,
}, async (t) => {
  const server = await sharedServer();
  const rest = new Rest(server);
  const user = await CallbackServer.open(t, [
    actions(
      { type: 'SESSIONDATA', session_data: { a: 1 } },
      collect('k', { num_digits: 1, timeout: 500 }, say('Press.')),
    ),
    actions(hangUp),
    { status: 200 },
  ]);
  const phone = await call(t, server, { to: await newNumber(server, { url: user.url }) });
  await phone.sipp.succeeded();
  await user.first('end_call');
  const logs: FlowLog[] = [];
  for (const callId of callsSeen()) {
    const log = await finishedLog(rest, callId);
    if (log !== null) logs.push(log);
  }
  ok(logs.length > 0, 'there are calls');
  for (const log of logs) {
    const { events } = log;
    const about = `call ${log.call_id}`;
    equal(
      events.map(({ seq }) => seq),
      events.map((_, i) => i + 1),
      `${about}: sequence numbers`,
    );
    equal([events[0]?.kind, events[0]?.type], ['input', 'start'], `${about}: the first event`);
    const finish = events.findIndex(({ kind, type }) => kind === 'effect' && type === 'finish');
    ok(finish > 0, `${about}: it ends with finish`);
    equal(
      events.slice(finish + 1).filter(({ kind }) => !AFTER_FINISH.has(kind)),
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
    equal(replayed(events), effectsOf(events), `${about}: effects of the replay`);
  }
  console.log(`      ${logs.length} event logs checked and replayed`);
  let simulated = 0;
  const differing: unknown[] = [];
  const obstacles = new Map<string, number>();
  for (const log of logs) {
    const again = simulateCallLog(readCallLog(log));
    if (again.obstacle === null) {
      simulated += 1;
      if (!isDeepStrictEqual(again.simulated, again.logged)) differing.push({ call: log.call_id, ...again });
    } else obstacles.set(again.obstacle, (obstacles.get(again.obstacle) ?? 0) + 1);
  }
  equal(differing, [], 'calls and simulations of them whose transcripts differ');
  ok(simulated > 0, 'there are calls that can be simulated');
  const others = [...obstacles].map(([what, count]) => `${what} (${count})`).join(', ');
  console.log(`      ${simulated} calls simulated with the same transcript; not those with ${others || 'anything'}`);
});

/** The log when the call is over and its last callback settled; null for a call of another server. */
function finishedLog(rest: Rest, callId: string): Promise<FlowLog | null> {
  return until(
    `the end of call ${callId}`,
    async () => {
      const answer = await rest.get(`/v1/CallFlows/Logs/${encodeURIComponent(callId)}`);
      if (answer.status === 404) return null;
      equal(answer.status, 200, `the flow log of ${callId}`);
      const log = answer.body as FlowLog;
      const isLogged = log.end_callback !== 'delivered' || log.events.some(isEndCallAttempt);
      return log.status !== null && isLogged ? log : undefined;
    },
    20_000,
    100,
  );
}

/** The figures of the media, the delivery of the last callback, a response that comes late. */
const AFTER_FINISH = new Set(['media', 'http', 'sip']);

function isEndCallAttempt({ kind, type, data }: LoggedEvent): boolean {
  return kind === 'http' && type === 'attempt' && data.callback === 'end_call';
}

function effectsOf(events: readonly LoggedEvent[]): unknown[] {
  return events.filter(({ kind }) => kind === 'effect').map(({ type, data }) => ({ type, ...data }));
}

/** What the interpreter wants done when the logged inputs come again. */
function replayed(events: readonly LoggedEvent[]): unknown[] {
  const inputs = events
    .filter(({ kind }) => kind === 'input')
    .map(({ type, time, data }) => ({ type, atMs: Date.parse(time), ...data }) as unknown as Input);
  return JSON.parse(JSON.stringify(replay(createInterpreter(), inputs).effects)) as unknown[];
}
