import { type Answer, CallbackServer, fieldsOf, type RecordedRequest } from './callback-server.ts';
import type { TestContext } from './context.ts';
import { actions, hangUp } from './flow.ts';
import { newNumber } from './numbers.ts';
import { call, type PhoneCall } from './phone.ts';
import { Rest } from './rest.ts';
import { assertContinuous } from './rtp-received.ts';
import type { Server } from './server.ts';

export interface Heard {
  phone: PhoneCall;
  /** The call's log as text. */
  log: string;
}

/** One call that runs these actions and is hung up on. */
export async function hear(t: TestContext, server: Server, list: unknown[], timeoutMs = 28_000): Promise<Heard> {
  const user = await CallbackServer.open(t, [actions(...list, hangUp), { status: 200 }]);
  const phone = await call(t, server, {
    to: await newNumber(server, { url: user.url }),
    timeoutMs,
    afterAck: (scenario) => scenario.expectBye(timeoutMs - 1_000),
  });
  await phone.sipp.succeeded();
  const { call_id: callId } = fieldsOf(await user.first('end_call'));
  assertContinuous(phone.media.continuity());
  return { phone, log: await new Rest(server).flowLogText(String(callId)) };
}

/** Serves audio files by path. */
export function files(t: TestContext, byPath: Record<string, Answer | ((request: RecordedRequest) => Answer)>) {
  return CallbackServer.open(t, (request) => {
    const answer = byPath[request.path];
    return (typeof answer === 'function' ? answer(request) : answer) ?? { status: 404 };
  });
}

export interface LoggedEvent {
  kind: string;
  type: string;
  message: string;
}

/** What a call's log tells. */
export function eventsOf(log: string): LoggedEvent[] {
  const { events } = JSON.parse(log) as { events: { kind: string; type: string; data: { message?: string } }[] };
  return events.map(({ kind, type, data }) => ({ kind, type, message: data.message ?? '' }));
}

export function errorsOf(log: string): LoggedEvent[] {
  return eventsOf(log).filter(({ kind, type }) => kind === 'event' && type === 'error');
}
