import { until } from './bounded.ts';
import { callsSeen } from './calls-seen.ts';
import { equal } from './check.ts';
import { Rest } from './rest.ts';
import type { Server } from './server.ts';

export interface LoggedEvent {
  seq: number;
  time: string;
  kind: string;
  type: string;
  data: Record<string, unknown>;
}

/** The event log of a call or a text message, as the API gives it. */
export interface FlowLog {
  call_id: string;
  status: string | null;
  end_callback: string;
  events: LoggedEvent[];
}

const END_MS = 20_000;

const kept: FlowLog[] = [];
let serversWithoutAnswer = 0;

/** Keeps the logs of the calls that are over and of the messages, of a server that is about to be gone. One that is gone already has none. */
export async function keepCallLogs(server: Server): Promise<void> {
  const rest = new Rest(server);
  try {
    for (const callId of await flowsOf(rest)) {
      const log = await settledLog(rest, callId);
      if (log !== null) kept.push(log);
    }
  } catch {
    serversWithoutAnswer += 1;
  }
}

/**
 * The logs of all calls and messages so far: of servers that are gone, and of `server`, whose calls are waited for until
 * they are over and their last callbacks settled.
 */
export async function allCallLogs(server: Server): Promise<{ logs: FlowLog[]; serversWithoutAnswer: number }> {
  const rest = new Rest(server);
  const logs = [...kept];
  for (const callId of new Set([...callsSeen(), ...(await flowsOf(rest))])) {
    const log = await settledLog(rest, callId);
    if (log !== null) logs.push(log);
  }
  return { logs, serversWithoutAnswer };
}

/** The calls that are over, and the messages that came in; a message that was refused, or is a keyword only, has no flow. */
async function flowsOf(rest: Rest): Promise<string[]> {
  const calls = (await wholeHistory(rest, 'Calls?')) as { call_id: string }[];
  const messages = (await wholeHistory(rest, 'Messages?direction=inbound&')) as { message_id: string }[];
  const flows = calls.map(({ call_id }) => call_id);
  for (const { message_id } of messages) {
    const { body } = await rest.get(`/v1/CallFlows/Logs/${encodeURIComponent(message_id)}`);
    const isRun = ({ kind }: LoggedEvent) => kind === 'input' || kind === 'effect';
    if ((body as FlowLog).events.some(isRun)) flows.push(message_id);
  }
  return flows;
}

async function wholeHistory(rest: Rest, of: string): Promise<unknown> {
  const { status, body } = await rest.get(`/v1/History/Logs/${of}max_results=1000`);
  equal([status, body.is_truncated], [200, false], `the history of ${of}`);
  return body.logs;
}

/** Null for a call of another server. */
function settledLog(rest: Rest, callId: string): Promise<FlowLog | null> {
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
    END_MS,
    100,
  );
}

/** An attempt to deliver the last callback. */
export function isEndCallAttempt({ kind, type, data }: LoggedEvent): boolean {
  return kind === 'http' && type === 'attempt' && data.callback === 'end_call';
}
