import { CallbackServer } from './callback-server.ts';
import type { TestContext } from './context.ts';
import { actions } from './flow.ts';
import { Rest } from './rest.ts';
import type { Server } from './server.ts';

const handedOut = new Map<Server, Promise<Set<string>>>();

export interface NumberSetup {
  url: string;
  method?: 'GET' | 'POST';
  failover?: string;
  answerOnRing?: 0 | 1;
  customData?: Record<string, unknown> | null;
}

/** Buys a number that no other test uses and configures it. */
export async function newNumber(server: Server, setup: NumberSetup): Promise<string> {
  const no = await unusedNumber(server);
  const rest = new Rest(server);
  const bought = await rest.post('/v1/PhoneNumbers/CallFlows', { phone_numbers: [{ no }] });
  const status = bought.body?.phone_numbers?.[0]?.status;
  if (bought.status >= 300 || status === 'error') throw new Error(`cannot buy ${no}: ${JSON.stringify(bought.body)}`);
  await configure(server, no, setup);
  return no;
}

/** A number whose flow is this list, and whoever hears its callbacks. */
export async function numberRunning(t: TestContext, server: Server, list: unknown[]) {
  const user = await CallbackServer.open(t, [actions(...list), { status: 200 }]);
  return { user, number: await newNumber(server, { url: user.url }) };
}

/** Sets the call-flow configuration of a number. */
export async function configure(server: Server, no: string, setup: NumberSetup): Promise<void> {
  const callback = (url: string) => ({ url, method: setup.method ?? 'POST', content_type: 'application/json' });
  const answer = await new Rest(server).put(`/v1/CallFlows/Configurations/PhoneNumbers/${encodeURIComponent(no)}`, {
    callback: callback(setup.url),
    ...(setup.failover === undefined ? {} : { callback_failover: callback(setup.failover) }),
    answer_on_ring: setup.answerOnRing ?? 0,
    ...(setup.customData === undefined ? {} : { custom_data: setup.customData }),
  });
  if (answer.status !== 200) throw new Error(`cannot configure ${no}: ${answer.status} ${JSON.stringify(answer.body)}`);
}

/** A number of the inventory that this run has not used. */
export async function unusedNumber(server: Server): Promise<string> {
  let numbers = handedOut.get(server);
  if (numbers === undefined) {
    numbers = new Rest(server).get('/v1/PhoneNumbers/Available?max_results=1000').then((answer) => {
      const rows = answer.body?.phone_numbers as { no: string }[] | undefined;
      if (rows === undefined || rows.length === 0)
        throw new Error(`no numbers for sale: ${JSON.stringify(answer.body)}`);
      // From all areas by turns: none is ever sold out, which a test that looks for its numbers would meet.
      const last = (no: string) => no.slice(-2);
      return new Set(rows.map((row) => row.no).sort((a, b) => last(a).localeCompare(last(b)) || a.localeCompare(b)));
    });
    handedOut.set(server, numbers);
  }
  const left = await numbers;
  const [no] = left;
  if (no === undefined) throw new Error('all numbers of the inventory are in use');
  left.delete(no);
  return no;
}
