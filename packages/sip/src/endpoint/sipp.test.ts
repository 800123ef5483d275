import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { SipEndpoint } from './endpoint.ts';

// Calls with a SIP program that is not ours, over real sockets. Without sipp on the PATH these tests are skipped.

const SIPP = 'sipp';
const hasSipp = spawnSync(SIPP, ['-v']).error === undefined;
const folder = mkdtempSync(join(tmpdir(), 'sipp-'));
const SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
const CALLS = 10;

const response = (status: string, headers: string, body = '') => `<send><![CDATA[
SIP/2.0 ${status}
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
${headers}Content-Length: [len]

${body}]]></send>`;

// sipp's own UAS lingers for four seconds after every call; this one does not.
const UAS = `<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="uas">
<recv request="INVITE"/>
${response('180 Ringing', '')}
${response('200 OK', 'Contact: <sip:[local_ip]:[local_port];transport=[transport]>\nContent-Type: application/sdp\n', SDP.replaceAll('\r', ''))}
<recv request="ACK"/>
<recv request="BYE"/>
${response('200 OK', '').replace(';tag=[call_number]', '')}
</scenario>
`;

const endpoints: SipEndpoint[] = [];
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const endpoint of endpoints.splice(0)) await endpoint.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function started(): Promise<{ endpoint: SipEndpoint; udp: number; tcp: number; faults: unknown[] }> {
  const endpoint = new SipEndpoint({
    listen: [
      { protocol: 'udp', host: '127.0.0.1', port: 0 },
      { protocol: 'tcp', host: '127.0.0.1', port: 0 },
    ],
    userAgent: 'test',
  });
  endpoints.push(endpoint);
  const faults: unknown[] = [];
  endpoint.on('listenerError', (error) => faults.push(error));
  await endpoint.start();
  const port = (protocol: string) => endpoint.listeners.find((at) => at.protocol === protocol)?.port ?? 0;
  return { endpoint, udp: port('udp'), tcp: port('tcp'), faults };
}

/** Runs sipp to its end; its exit code is 0 when every call went by the scenario. */
function sipp(args: string[]): { exited: Promise<number> } {
  const common = ['-i', '127.0.0.1', '-m', String(CALLS), '-nostdin', '-timeout', '20'];
  const child = spawn(SIPP, [...args, ...common], { cwd: folder, stdio: 'ignore' });
  children.push(child);
  return { exited: once(child, 'exit').then(([code]) => Number(code)) };
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** Resolves when something accepts connections at the port. */
async function accepts(port: number): Promise<void> {
  await expect
    .poll(
      async () => {
        const socket = connect(port, '127.0.0.1');
        const [outcome] = await Promise.race([
          once(socket, 'connect').then(() => [true]),
          once(socket, 'close').then(() => [false]),
        ]).catch(() => [false]);
        socket.destroy();
        return outcome;
      },
      { timeout: 10_000, interval: 50 },
    )
    .toBe(true);
}

describe.skipIf(!hasSipp).each(['udp', 'tcp'] as const)('calls with sipp over %s', (protocol) => {
  const mode = protocol === 'udp' ? 'u1' : 't1';

  it('from it to us: answered, and hung up by it', async () => {
    const { endpoint, faults, ...ports } = await started();
    const events: Record<string, number> = { confirmed: 0, bye: 0 };
    const count = (event: string) => {
      events[event] = (events[event] ?? 0) + 1;
    };
    endpoint.on('invite', (call) => {
      call.on('confirmed', () => count('confirmed'));
      call.ring();
      call.answer(SDP).on('bye', () => count('bye'));
    });
    const run = sipp([`127.0.0.1:${ports[protocol]}`, '-sn', 'uac', '-t', mode, '-r', '20', '-d', '20']);
    expect(await run.exited).toBe(0);
    expect(events).toEqual({ confirmed: CALLS, bye: CALLS });
    expect([endpoint.dialogs, endpoint.counters.malformed, faults]).toEqual([0, 0, []]);
  }, 30_000);

  it('from us to it: answered, and hung up by us', async () => {
    const { endpoint, faults } = await started();
    const port = await freePort();
    const scenario = join(folder, 'uas.xml');
    writeFileSync(scenario, UAS);
    const run = sipp(['-sf', scenario, '-t', mode, '-p', String(port)]);
    if (protocol === 'tcp') await accepts(port);
    const outcomes = Array.from(
      { length: CALLS },
      (_, i) =>
        new Promise<string>((resolve) => {
          const seen: string[] = [];
          endpoint
            .invite({
              uri: `sip:service@127.0.0.1:${port}`,
              destination: { protocol, address: '127.0.0.1', port },
              from: { displayName: 'Tester', uri: `sip:caller${i}@127.0.0.1` },
              to: { uri: `sip:service@127.0.0.1:${port}` },
              sdp: SDP,
            })
            .on('progress', ({ status }) => seen.push(String(status)))
            .on('failed', ({ status, reason }) => resolve(`failed ${status} ${reason}`))
            .on('answered', async ({ dialog, sdp }) => {
              await dialog.bye();
              resolve(`${seen} answered ${sdp?.startsWith('v=0')}`);
            });
        }),
    );
    expect(await Promise.all(outcomes)).toEqual(Array.from({ length: CALLS }, () => '180 answered true'));
    expect(await run.exited).toBe(0);
    expect([endpoint.dialogs, faults]).toEqual([0, []]);
  }, 30_000);
});
