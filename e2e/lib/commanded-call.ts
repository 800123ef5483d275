import { type ExpectedPrompt, LINE_RATE_HZ } from './audio.ts';
import { CallbackServer, fieldsOf } from './callback-server.ts';
import { equal } from './check.ts';
import type { TestContext } from './context.ts';
import { actions } from './flow.ts';
import { newNumber } from './numbers.ts';
import { call, type PhoneCall } from './phone.ts';
import { waitForPrompt } from './prompt-heard.ts';
import { prompt } from './prompts.ts';
import { Rest } from './rest.ts';
import type { Server } from './server.ts';

/** A call that is told what to do from outside. */
export interface CommandedCall {
  phone: PhoneCall;
  user: CallbackServer;
  callId: string;
  /** POSTs to the call, and fails unless it is taken. */
  post(to: string, body: unknown): Promise<void>;
  /** Waits until this sentence is heard, behind those that were waited for before; gives where it ended. */
  hears(text: string): Promise<number>;
}

/** Calls a number whose flow is this list; the phone waits until it is hung up. */
export async function commandedCall(
  t: TestContext,
  server: Server,
  list: unknown[],
  name = 'commanded',
): Promise<CommandedCall> {
  const user = await CallbackServer.open(t, (request) =>
    fieldsOf(request).type === 'end_call' ? { status: 200 } : actions(...list),
  );
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, {
    to: number,
    name,
    timeoutMs: 85_000,
    afterAck: (scenario) => scenario.expectBye(80_000),
  });
  await phone.media.waitForPacket();
  const callId = String(fieldsOf(await user.first('init_call')).call_id);
  let heardUpTo = 0;
  return {
    phone,
    user,
    callId,
    post: async (to, body) => {
      const answer = await new Rest(server).post(`/v1/LiveCalls/${encodeURIComponent(callId)}/${to}`, body);
      equal([answer.status, answer.body], [200, { call_id: callId }], `${to} ${JSON.stringify(body)}`);
    },
    hears: async (text) => {
      const sentence: ExpectedPrompt = await prompt(text);
      const end = await waitForPrompt(phone.media, sentence, heardUpTo);
      heardUpTo = end - LINE_RATE_HZ / 10;
      return end;
    },
  };
}
