import { CallbackServer, fieldsOf, type RecordedRequest } from './callback-server.ts';
import type { TestContext } from './context.ts';
import { actions, hangUp } from './flow.ts';
import { type Impairment, ImpairmentProxy } from './impairment-proxy.ts';
import { endCallsOf } from './live-calls.ts';
import { newNumber } from './numbers.ts';
import { call, type PhoneCall } from './phone.ts';
import type { SdpOptions } from './sdp.ts';
import type { Server } from './server.ts';

/** A number whose callers meet in a room of this name, without music, with these parameters of CONFERENCE. */
export async function roomNumber(t: TestContext, server: Server, name: string, params = {}): Promise<string> {
  const list = [{ type: 'CONFERENCE', params: { name, hold_music: false, ...params } }, hangUp];
  const user = await CallbackServer.open(t, (request: RecordedRequest) =>
    fieldsOf(request).type === 'end_call' ? { status: 200 } : actions(...list),
  );
  return newNumber(server, { url: user.url });
}

let parties = 0;

export interface PartyOptions {
  media?: Partial<SdpOptions>;
  /** On the way from the party to the server. */
  impairment?: Impairment;
}

/** Somebody who calls the room, over a bad network when asked for. */
export async function enter(
  t: TestContext,
  server: Server,
  number: string,
  { media = {}, impairment }: PartyOptions = {},
): Promise<PhoneCall> {
  const phone = await call(t, server, {
    to: number,
    name: `party-${++parties}`,
    timeoutMs: 55_000,
    media,
    sendMedia: impairment === undefined,
    afterAck: (scenario) => scenario.expectBye(50_000),
  });
  if (impairment !== undefined) {
    const proxy = await ImpairmentProxy.open(t, { toTarget: impairment });
    const [ip, port] = await mediaOf(phone);
    proxy.aim(ip, port);
    phone.media.start('127.0.0.1', proxy.port);
  }
  endCallsOf(t, server, number);
  return phone;
}

/** Where the server takes this phone's sound. */
export async function mediaOf({ sipp }: PhoneCall): Promise<[ip: string, port: number]> {
  const { words } = await sipp.event('media');
  return [words[0] ?? '', Number(words[1])];
}
