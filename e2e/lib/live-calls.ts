import type { TestContext } from './context.ts';
import { Rest } from './rest.ts';
import type { Server } from './server.ts';

/**
 * At the end of the test the calls of this number that are still up are hung up, since phones that are killed go without
 * a word. Nothing when the server has been stopped.
 */
export function endCallsOf(t: TestContext, server: Server, number: string): void {
  t.defer(async () => {
    const rest = new Rest(server);
    const answer = await rest.get('/v1/LiveCalls').catch(() => null);
    const calls = (answer?.body.live_calls ?? []) as { call_id: string; api_no: string }[];
    for (const { call_id: callId, api_no: apiNo } of calls) {
      if (apiNo !== number) continue;
      await rest.post(`/v1/LiveCalls/${encodeURIComponent(callId)}/Actions/HangUp`, {});
      await rest.callLog(callId);
    }
  });
}
