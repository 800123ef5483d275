import type { TestContext } from './context.ts';
import { freePort } from './ports.ts';
import { RtpPeer } from './rtp-peer.ts';
import { type SdpOptions, sdp } from './sdp.ts';
import type { Server } from './server.ts';
import { runSipp, type SippRun } from './sipp.ts';
import type { SipAccount } from './sipp-messages.ts';
import { SippScenario } from './sipp-scenario.ts';
import { Wire, type WireRule } from './wire.ts';

export interface CallOptions {
  /** Number called. */
  to: string;
  /** What the phone does after the ACK; default: waits for BYE. */
  afterAck?: (phone: SippScenario) => SippScenario;
  /** The whole scenario instead of INVITE, answer, ACK; gets the phone's offer. */
  script?: (phone: SippScenario, offer: string) => SippScenario;
  media?: Partial<SdpOptions>;
  transport?: 'udp' | 'tcp';
  /** Faults of the wire. */
  rule?: WireRule;
  account?: SipAccount | null;
  timeoutMs?: number;
  name?: string;
  /** Start sending RTP when the media address is known. Default true. */
  sendMedia?: boolean;
}

export interface PhoneCall {
  sipp: SippRun;
  media: RtpPeer;
  /** The phone's media address as offered. */
  offer: string;
}

/** The SIP user that the first start made. */
export function quickstartAccount(server: Server): SipAccount {
  return { user: server.quickstart.sip_user, password: server.quickstart.sip_password };
}

/** A sipp phone of the SIP user calls a number of the server. */
export async function call(t: TestContext, server: Server, options: CallOptions): Promise<PhoneCall> {
  const { sip_domain: domain, sip_user: user } = server.quickstart;
  const account = options.account === undefined ? quickstartAccount(server) : options.account;
  const media = await RtpPeer.open(t);
  const transport = options.transport ?? 'udp';
  const { remote, contact } = await reach(t, server, transport, options.rule);
  const phone = new SippScenario({
    to: `sip:${options.to}@${domain}`,
    from: `sip:${account?.user ?? user}@${domain}`,
    tag: `c${++calls}`,
    ...(account === null ? {} : { account }),
    ...(contact === undefined ? {} : { contact }),
  });
  const offer = sdp({ ip: '127.0.0.1', port: media.port, ...options.media });
  const afterAck = options.afterAck ?? ((scenario: SippScenario) => scenario.expectBye());
  const scenario =
    options.script === undefined
      ? afterAck(phone.invite(offer).provisionals().answered().ack())
      : options.script(phone, offer);
  const sipp = await runSipp(t, scenario, {
    remote,
    transport,
    authUri: `${options.to}@${domain}`,
    name: options.name ?? 'caller',
    timeoutMs: options.timeoutMs ?? 28_000,
  });
  if (options.sendMedia !== false) startMediaWhenKnown(sipp, media);
  return { sipp, media, offer };
}
let calls = 0;

export interface CalleeOptions {
  /** What the phone does from the INVITE on; gets its SDP answer. */
  script: (phone: SippScenario, answer: string) => SippScenario;
  rule?: WireRule;
  media?: Partial<SdpOptions>;
  timeoutMs?: number;
}

/** A sipp phone registers as the SIP user and waits to be called. One at a time: the test needs the resource sip-user. */
export async function registeredPhone(t: TestContext, server: Server, options: CalleeOptions): Promise<PhoneCall> {
  const { sip_domain: domain } = server.quickstart;
  const account = quickstartAccount(server);
  const { remote, contact } = await reach(t, server, 'udp', options.rule);
  const localPort = await freePort();
  const dialog = {
    to: `sip:${account.user}@${domain}`,
    from: `sip:${account.user}@${domain}`,
    account,
    ...(contact === undefined ? {} : { contact }),
  };
  const register = async (expiresSec: number, name: string) => {
    const scenario = new SippScenario({ ...dialog, tag: `r${++calls}` }).register({ expiresSec });
    await (await runSipp(t, scenario, { remote, localPort, authUri: domain, name, timeoutMs: 8_000 })).succeeded();
  };
  await register(300, 'register');
  const media = await RtpPeer.open(t);
  const answer = sdp({ ip: '127.0.0.1', port: media.port, ...options.media });
  const scenario = options.script(new SippScenario({ ...dialog, tag: `p${++calls}` }), answer);
  const sipp = await runSipp(t, scenario, {
    remote,
    localPort,
    name: 'callee',
    timeoutMs: options.timeoutMs ?? 28_000,
  });
  // Clean-up runs backwards: the phone is ended first, then its binding is removed from the same port.
  t.defer(async () => {
    sipp.kill();
    await sipp.ended();
    await register(0, 'unregister').catch(() => undefined);
  });
  startMediaWhenKnown(sipp, media);
  return { sipp, media, offer: answer };
}

/** Where a phone sends to: straight to the server, or through a {@link Wire} when a rule is to be applied on the way. */
export async function reach(
  t: TestContext,
  server: Server,
  transport: 'udp' | 'tcp',
  rule?: WireRule,
): Promise<{ remote: string; contact?: string }> {
  const direct = server.quickstart.sip_address;
  if (rule === undefined) return { remote: direct };
  if (transport === 'tcp') throw new Error('a wire with faults carries UDP only');
  const wire = await Wire.open(t, direct, rule);
  return { remote: wire.phoneSide, contact: wire.serverSide };
}

function startMediaWhenKnown(sipp: SippRun, media: RtpPeer): void {
  sipp
    .event('media', 30_000)
    .then(({ words: [ip = '', port = ''] }) => media.start(ip, Number(port)))
    .catch(() => {
      // The call never got media; what the test waits for tells why.
    });
}
