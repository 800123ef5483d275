import fc from 'fast-check';
import { parse } from 'sdp-transform';
import { expect, test } from 'vitest';
import { body, EVENTS, negotiation, PHONE } from '../testing/negotiation.ts';
import { SdpError } from './error.ts';

function error(act: () => unknown): { status: number; message: string } {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof SdpError) return { status: thrown.status, message: thrown.message };
    throw thrown;
  }
  throw new Error('Nothing was thrown');
}

test('a phone gets the first codec of its own order that we speak, its payload types and nothing else', () => {
  const { sdp, agreement } = negotiation().answer(PHONE);
  expect(sdp.split('\r\n')).toEqual([
    'v=0',
    'o=- 42 1 IN IP4 192.0.2.9',
    's=-',
    'c=IN IP4 192.0.2.9',
    't=0 0',
    'm=audio 5000 RTP/AVP 8 101',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
    'a=ptime:20',
    'a=sendrecv',
    '',
  ]);
  expect(agreement).toMatchObject({
    remote: { address: '192.0.2.1', port: 4000 },
    codec: 'PCMA',
    payloadType: 8,
    eventPayloadType: 101,
    packetMs: 20,
    maySend: true,
    mayReceive: true,
  });
});

test.each<[string, string[], object]>([
  ['a static payload type without a name', ['m=audio 4000 RTP/AVP 0'], { codec: 'PCMU', eventPayloadType: null }],
  [
    'a dynamic payload type',
    ['m=audio 4000 RTP/AVP 97', 'a=rtpmap:97 pcmu/8000/1'],
    { codec: 'PCMU', payloadType: 97 },
  ],
  [
    'a static payload type that means something else',
    ['m=audio 4000 RTP/AVP 0 8', 'a=rtpmap:0 opus/48000/2'],
    { codec: 'PCMA' },
  ],
  [
    'digits under another number, at two clock rates',
    ['m=audio 4000 RTP/AVP 0 110 96', 'a=rtpmap:110 telephone-event/48000', 'a=rtpmap:96 telephone-event/8000'],
    { eventPayloadType: 96 },
  ],
  [
    'an address of the media line',
    ['m=audio 4000 RTP/AVP 0', 'c=IN IP4 198.51.100.4'],
    { remote: { address: '198.51.100.4', port: 4000 } },
  ],
  ['a host name', ['m=audio 4000 RTP/AVP 0', 'c=IN IP4 phone.example'], { remote: null, maySend: true }],
  ['IPv6 while we have IPv4', ['m=audio 4000 RTP/AVP 0', 'c=IN IP6 2001:db8::1'], { remote: null, codec: 'PCMU' }],
  ['multicast', ['m=audio 4000 RTP/AVP 0', 'c=IN IP4 224.1.1.1/127'], { remote: null }],
  ['RTP with feedback', ['m=audio 4000 RTP/AVPF 0'], { codec: 'PCMU' }],
  ['ptime 10', ['m=audio 4000 RTP/AVP 0', 'a=ptime:10'], { packetMs: 10 }],
  ['ptime 30', ['m=audio 4000 RTP/AVP 0', 'a=ptime:30'], { packetMs: 30 }],
  ['ptime 60', ['m=audio 4000 RTP/AVP 0', 'a=ptime:60'], { packetMs: 60 }],
  ['ptime 200', ['m=audio 4000 RTP/AVP 0', 'a=ptime:200'], { packetMs: 60 }],
  ['ptime 1', ['m=audio 4000 RTP/AVP 0', 'a=ptime:1'], { packetMs: 10 }],
  ['ptime 0', ['m=audio 4000 RTP/AVP 0', 'a=ptime:0'], { packetMs: 20 }],
  ['maxptime 10', ['m=audio 4000 RTP/AVP 0', 'a=maxptime:10'], { packetMs: 10 }],
])('%s', (_, media, expected) => {
  expect(negotiation().answer(body(...media)).agreement).toMatchObject(expected);
});

test('comfort noise is tolerated, announced or not', () => {
  const { agreement } = negotiation().answer(body('m=audio 4000 RTP/AVP 0 19', 'a=rtpmap:19 CN/8000'));
  expect(agreement.receive).toEqual([
    { payloadType: 0, role: 'PCMU' },
    { payloadType: 19, role: 'CN' },
    { payloadType: 13, role: 'CN' },
  ]);
});

test.each([
  ['sendrecv', ['a=sendrecv'], 'sendrecv', true],
  ['nothing', [], 'sendrecv', true],
  ['hold', ['a=sendonly'], 'recvonly', false],
  ['listening only', ['a=recvonly'], 'sendonly', true],
  ['inactive', ['a=inactive'], 'inactive', false],
  ['old-style hold', ['c=IN IP4 0.0.0.0'], 'recvonly', false],
  ['old-style hold and recvonly', ['c=IN IP4 0.0.0.0', 'a=recvonly'], 'inactive', false],
])('direction: %s', (_, lines, answered, maySend) => {
  const { sdp, agreement } = negotiation().answer(body('m=audio 4000 RTP/AVP 0', ...lines));
  expect(parse(sdp).media[0]?.direction).toBe(answered);
  expect(agreement.maySend).toBe(maySend);
});

test('a direction of the session counts where the media line has none', () => {
  const offer = body('a=inactive', 'm=audio 4000 RTP/AVP 0');
  expect(negotiation().answer(offer).sdp).toContain('a=inactive');
  expect(negotiation().answer(`${offer}a=sendrecv\r\n`).sdp).toContain('a=sendrecv');
});

test('m-lines are answered in their order, all but one audio line refused', () => {
  const offer = body(
    'm=image 4010 udptl t38',
    'm=audio 4012 RTP/SAVP 0',
    'm=video 4002/2 RTP/AVP 31 34',
    'm=audio 4000 RTP/AVP 0',
    'a=rtcp-mux',
    'a=mid:sound',
    'm=audio 4020 RTP/AVP 8',
  );
  const lines = negotiation().answer(offer).sdp.split('\r\n');
  expect(lines.filter((line) => line.startsWith('m='))).toEqual([
    'm=image 0 udptl t38',
    'm=audio 0 RTP/SAVP 0',
    'm=video 0 RTP/AVP 31 34',
    'm=audio 5000 RTP/AVP 0',
    'm=audio 0 RTP/AVP 8',
  ]);
  expect(lines).toContain('a=rtcp-mux');
  expect(lines).toContain('a=mid:sound');
  expect(negotiation().answer(PHONE).sdp).not.toContain('rtcp-mux');
});

test('the version of the o= line grows only with a change', () => {
  const own = negotiation();
  const version = (offer: string) => parse(own.answer(offer).sdp).origin?.sessionVersion;
  expect([PHONE, PHONE, `${PHONE}a=sendonly\r\n`, PHONE].map(version)).toEqual([1, 1, 2, 3]);
  expect(() => own.answer('v=0\r\n')).toThrow(SdpError);
  expect(version(PHONE)).toBe(3);
});

test.each([
  ['nothing', ''],
  ['no SDP', 'hello'],
  ['no m-line', body()],
  ['a cut m-line', body('m=audio')],
  ['a port that is none', body('m=audio 99999 RTP/AVP 0')],
  ['a negative port', body('m=audio -1 RTP/AVP 0')],
  ['too many m-lines', body(...Array.from({ length: 40 }, () => 'm=audio 4000 RTP/AVP 0'))],
  ['too much', `${PHONE}${'a=x\r\n'.repeat(20_000)}`],
])('unreadable: %s', (_, sdp) => {
  expect(error(() => negotiation().answer(sdp)).status).toBe(400);
});

test.each([
  ['another codec', ['m=audio 4000 RTP/AVP 18'], 'audio port 4000'],
  ['a codec of ours at another rate', ['m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 PCMU/16000'], 'PCMU/16000'],
  ['only digits', ['m=audio 4000 RTP/AVP 101', ...EVENTS], 'TELEPHONE-EVENT'],
  ['encrypted only', ['m=audio 4000 RTP/SAVP 0'], 'RTP/SAVP'],
  ['disabled', ['m=audio 0 RTP/AVP 0'], 'port 0'],
  ['fax only', ['m=image 4000 udptl t38'], 'image'],
])('nothing in common: %s', (_, media, named) => {
  const { status, message } = error(() => negotiation().answer(body(...media)));
  expect(status).toBe(488);
  expect(message).toContain(named);
});

test('only codecs that were allowed are taken', () => {
  expect(negotiation({ codecs: ['PCMU'] }).answer(PHONE).agreement.codec).toBe('PCMU');
});

test('our offer, and the answer to it with numbers of its own', () => {
  const own = negotiation();
  const offer = parse(own.offer());
  expect(offer.media[0]).toMatchObject({ port: 5000, protocol: 'RTP/AVP', payloads: '0 8 101', direction: 'sendrecv' });
  expect(own.offer()).toContain('o=- 42 1 ');
  const agreement = own.accept(body('m=audio 4000 RTP/AVP 8 96', 'a=rtpmap:96 telephone-event/8000', 'a=sendonly'));
  expect(agreement).toMatchObject({ codec: 'PCMA', payloadType: 8, eventPayloadType: 96, maySend: false });
  expect(agreement.receive).toEqual([
    { payloadType: 0, role: 'PCMU' },
    { payloadType: 101, role: 'telephone-event' },
    { payloadType: 8, role: 'PCMA' },
    { payloadType: 96, role: 'telephone-event' },
    { payloadType: 13, role: 'CN' },
  ]);
  expect(error(() => own.accept(body('m=audio 0 RTP/AVP 0'))).status).toBe(488);
});

test.each<[string, string[], object]>([
  ['the port after', [], { mux: false, remote: { address: '192.0.2.1', port: 4001 } }],
  ['a port of its own', ['a=rtcp:4444'], { mux: false, remote: { address: '192.0.2.1', port: 4444 } }],
  [
    'an address of its own',
    ['a=rtcp:4444 IN IP4 192.0.2.77'],
    { mux: false, remote: { address: '192.0.2.77', port: 4444 } },
  ],
  ['the port of RTP', ['a=rtcp-mux', 'a=rtcp:4444'], { mux: true, remote: { address: '192.0.2.1', port: 4000 } }],
  ['one that cannot be', ['a=rtcp:99999 IN IP4 0.0.0.0'], { mux: false, remote: { address: '192.0.2.1', port: 4001 } }],
  ['one that is on hold', ['a=rtcp:9 IN IP4 0.0.0.0'], { mux: false, remote: null }],
])('RTCP goes to %s', (_, lines, rtcp) => {
  expect(negotiation().answer(body('m=audio 4000 RTP/AVP 0', ...lines)).agreement.rtcp).toEqual(rtcp);
});

test('with an IPv6 socket we write and take IPv6', () => {
  const own = negotiation({ address: '2001:db8::9', family: 6 });
  const { sdp, agreement } = own.answer(body('m=audio 4000 RTP/AVP 0', 'c=IN IP6 2001:db8::1'));
  expect(sdp).toContain('c=IN IP6 2001:db8::9');
  expect(agreement.remote).toEqual({ address: '2001:db8::1', port: 4000 });
});

test('whatever comes, only SdpError is thrown, and an answer has one line for each offered', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'm=audio 4000 RTP/AVP 0 8 101',
      'm=video 1 RTP/AVP 31',
      'a=rtpmap:0 PCMU/8000',
      'a=ptime:',
      'a=rtpmap:96 opus/48000/2',
      'a=fmtp:96 =;;=;useinbandfec=1=2',
      'a=rtcp:-1 IN IP4 x',
      'a=crypto:',
      'm=audio 9 UDP/TLS/RTP/SAVPF 0',
      'a=setup:active',
      'a=fingerprint:sha-256 00:11',
      'a=group:BUNDLE',
      'm=',
      'c=IN IP4',
    ),
    fc.constantFrom(
      'a=__proto__:x',
      'a=rtpmap:__proto__ x/y',
      'c=IN IP4 ::',
      'a=mid:a b',
      'a=ptime:1e999',
      'm=audio 1 RTP/AVP',
    ),
    fc.string({ maxLength: 30 }),
    fc
      .tuple(fc.constantFrom('a=', 'm=', 'c=', 'o=', 'm=audio ', 'a=rtpmap:'), fc.string({ maxLength: 20 }))
      .map((two) => two.join('')),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (lines) => {
      const offer = body(...lines);
      try {
        const { sdp } = negotiation().answer(offer);
        const count = (text: string) => text.split(/[\r\n]+/).filter((line) => line.startsWith('m=')).length;
        expect(count(sdp)).toBe(count(offer));
      } catch (thrown) {
        if (!(thrown instanceof SdpError)) throw thrown;
      }
    }),
    { numRuns: 500 },
  );
});
