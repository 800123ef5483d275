import type { TestContext } from './context.ts';
import { quickstartAccount } from './phone.ts';
import type { Server } from './server.ts';
import { runSipp } from './sipp.ts';
import type { SipAccount } from './sipp-messages.ts';
import { SippScenario } from './sipp-scenario.ts';

export interface TextOptions {
  /** Number that gets it. */
  to: string;
  text: string;
  /** Of the final response; default 200. */
  status?: number;
  contentType?: string;
  /** Null: sends without credentials. Default: the user of the first start. */
  account?: SipAccount | null;
  /** Default: the address of the user's account. */
  from?: string;
  localIp?: string;
}

let senders = 0;

/** A sipp phone sends a SIP MESSAGE to a number, and gets the response that is expected. */
export async function sendText(t: TestContext, server: Server, options: TextOptions): Promise<void> {
  const { sip_domain: domain, sip_address: remote } = server.quickstart;
  const account = options.account === undefined ? quickstartAccount(server) : options.account;
  const scenario = new SippScenario({
    to: `sip:${options.to}@${domain}`,
    from: options.from ?? `sip:${account?.user ?? 'stranger'}@${domain}`,
    tag: `m${++senders}`,
    ...(account === null ? {} : { account }),
  }).sendMessage(options.text, options.status, options.contentType);
  const sipp = await runSipp(t, scenario, {
    remote,
    authUri: `${options.to}@${domain}`,
    name: `text-${senders}`,
    timeoutMs: 10_000,
    ...(options.localIp === undefined ? {} : { localIp: options.localIp }),
  });
  await sipp.succeeded();
}
