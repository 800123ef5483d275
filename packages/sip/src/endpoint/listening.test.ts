import { describe, expect, it } from 'vitest';
import { SipEndpoint } from './endpoint.ts';
import { ANSWER, startPair } from './loopback-pair.ts';

const HOST = '127.0.0.1';

describe('listening', () => {
  it('takes free ports for 0 and gives them back on close', async () => {
    const endpoint = new SipEndpoint({
      listen: [
        { protocol: 'udp', host: HOST, port: 0 },
        { protocol: 'tcp', host: HOST, port: 0 },
      ],
      userAgent: 'test',
    });
    await endpoint.start();
    const at = endpoint.listeners;
    expect(at.map(({ protocol, host, port }) => [protocol, host, port > 0])).toEqual([
      ['udp', HOST, true],
      ['tcp', HOST, true],
    ]);
    await endpoint.close();
    await endpoint.close();
    const again = new SipEndpoint({ listen: at, userAgent: 'test' });
    await again.start();
    await again.close();
  });

  it('starts all listeners or none, and says which port is busy', async () => {
    const first = new SipEndpoint({ listen: [{ protocol: 'tcp', host: HOST, port: 0 }], userAgent: 'test' });
    await first.start();
    const port = first.listeners[0]?.port ?? 0;
    // UDP and TCP ports are apart: this one is free over UDP.
    const both = new SipEndpoint({
      listen: [
        { protocol: 'udp', host: HOST, port },
        { protocol: 'tcp', host: HOST, port },
      ],
      userAgent: 'test',
    });
    await expect(both.start()).rejects.toMatchObject({
      name: 'ListenError',
      code: 'EADDRINUSE',
      protocol: 'tcp',
      host: HOST,
      port,
      message: `SIP cannot listen on tcp:${HOST}:${port}: another program uses this port (EADDRINUSE)`,
    });
    const udp = new SipEndpoint({ listen: [{ protocol: 'udp', host: HOST, port }], userAgent: 'test' });
    await udp.start();
    await Promise.all([udp.close(), first.close()]);
  });

  it.each([
    ['udp', { host: '203.0.113.5' }, 'SIP/2.0/UDP 203.0.113.5:5060;', '<sip:bob@203.0.113.5:5060>'],
    [
      'tcp',
      { host: '2001:db8::5', port: 6060 },
      'SIP/2.0/TCP [2001:db8::5]:6060;',
      '<sip:bob@[2001:db8::5]:6060;transport=tcp>',
    ],
  ] as const)('advertises another address in Via and Contact (%s)', async (protocol, advertise, via, contact) => {
    const pair = await startPair(protocol, { advertise });
    pair.bob.on('invite', (call) => call.answer(ANSWER));
    pair.call();
    pair.clock.advance(1);
    expect(pair.network.passages[0]?.text).toContain(`Via: ${via}`);
    expect(pair.network.passages[2]?.text).toContain(`Contact: ${contact}`);
  });
});
