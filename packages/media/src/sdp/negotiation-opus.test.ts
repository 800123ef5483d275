import { parse } from 'sdp-transform';
import { expect, test } from 'vitest';
import { body, EVENTS, negotiation, PHONE } from '../testing/negotiation.ts';
import type { NegotiationOptions } from './negotiation.ts';

const ALL = ['opus', 'G722', 'PCMU', 'PCMA'] as const;
const BROWSER = body(
  'm=audio 4000 RTP/AVP 111 63 9 0 8 13 110 126',
  'a=rtpmap:111 opus/48000/2',
  'a=rtcp-fb:111 transport-cc',
  'a=fmtp:111 minptime=10; useinbandfec=1',
  'a=rtpmap:63 red/48000/2',
  'a=fmtp:63 111/111',
  'a=rtpmap:9 G722/8000',
  'a=rtpmap:126 telephone-event/8000',
  'a=rtpmap:110 telephone-event/48000',
  'a=rtcp-mux',
);

test('Opus is taken with its wishes, the digits of its clock and the numbers of the offer', () => {
  const { sdp, agreement } = negotiation({ codecs: ALL }).answer(BROWSER);
  expect(agreement).toMatchObject({
    codec: 'opus',
    payloadType: 111,
    encoder: { maxBitrateBps: null, forwardErrorCorrection: true, constantBitrate: false },
    eventPayloadType: 110,
    eventClockRateHz: 48_000,
    rtcp: { mux: true, remote: { address: '192.0.2.1', port: 4000 } },
  });
  expect(agreement.receive).toEqual([
    { payloadType: 111, role: 'opus' },
    { payloadType: 9, role: 'G722' },
    { payloadType: 0, role: 'PCMU' },
    { payloadType: 8, role: 'PCMA' },
    { payloadType: 13, role: 'CN' },
    { payloadType: 110, role: 'telephone-event' },
    { payloadType: 126, role: 'telephone-event' },
  ]);
  expect(sdp).toContain(
    'm=audio 5000 RTP/AVP 111 110\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1',
  );
  expect(sdp).toContain('a=rtpmap:110 telephone-event/48000');
});

test.each([
  ['', { maxBitrateBps: null, forwardErrorCorrection: false, constantBitrate: false }],
  ['maxaveragebitrate=20000;cbr=1', { maxBitrateBps: 20_000, forwardErrorCorrection: false, constantBitrate: true }],
  [' UseInbandFEC = 1 ;stereo=1;', { maxBitrateBps: null, forwardErrorCorrection: true, constantBitrate: false }],
  [
    'maxaveragebitrate=lots;useinbandfec',
    { maxBitrateBps: null, forwardErrorCorrection: false, constantBitrate: false },
  ],
])('wishes for Opus: %s', (fmtp, encoder) => {
  const offer = body('m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 OPUS/48000/2', `a=fmtp:96 ${fmtp}`);
  expect(negotiation({ codecs: ALL }).answer(offer).agreement.encoder).toEqual(encoder);
});

test('the order of the offer decides, or ours where that is wanted', () => {
  const answerTo = (offer: string, options: Partial<NegotiationOptions>) => {
    const { sdp, agreement } = negotiation(options).answer(offer);
    return [agreement.codec, agreement.eventClockRateHz, /m=audio.*/.exec(sdp)?.[0]];
  };
  expect(answerTo(PHONE, { codecs: ALL })).toEqual(['G722', 8000, 'm=audio 5000 RTP/AVP 9 101']);
  expect(answerTo(PHONE, { codecs: ['PCMU', 'G722'], preferOwnOrder: true })).toEqual([
    'PCMU',
    8000,
    'm=audio 5000 RTP/AVP 0 101',
  ]);
  expect(answerTo(BROWSER, { codecs: ['G722', 'opus'], preferOwnOrder: true })).toEqual([
    'G722',
    8000,
    'm=audio 5000 RTP/AVP 9 126',
  ]);
});

test('digits beside Opus at the only clock there is', () => {
  const offer = body('m=audio 4000 RTP/AVP 96 101', 'a=rtpmap:96 opus/48000/2', ...EVENTS);
  expect(negotiation({ codecs: ALL }).answer(offer).agreement).toMatchObject({
    codec: 'opus',
    eventPayloadType: 101,
    eventClockRateHz: 8000,
  });
  const silent = body('m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 opus/48000/2');
  expect(negotiation({ codecs: ALL }).answer(silent).agreement).toMatchObject({ eventPayloadType: null });
});

test.each([
  [10, 10],
  [20, 20],
  [30, 20],
  [40, 40],
  [50, 40],
  [60, 60],
  [120, 60],
])('Opus at ptime %s goes out in packets of %s ms', (ptimeMs, packetMs) => {
  const offer = body('m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 opus/48000/2', `a=ptime:${ptimeMs}`);
  const { sdp, agreement } = negotiation({ codecs: ALL }).answer(offer);
  expect(agreement.packetMs).toBe(packetMs);
  expect(sdp).toContain(`a=ptime:${packetMs}\r\n`);
});

test('our offer of everything, and an answer whose numbers mean other things than ours', () => {
  const own = negotiation({ codecs: ALL });
  const [media] = parse(own.offer()).media;
  expect(media?.payloads).toBe('111 9 0 8 110 101');
  expect(media?.rtp.map(({ payload, codec, rate }) => `${payload} ${codec}/${rate}`)).toEqual([
    '111 opus/48000',
    '9 G722/8000',
    '0 PCMU/8000',
    '8 PCMA/8000',
    '110 telephone-event/48000',
    '101 telephone-event/8000',
  ]);
  const answer = body(
    'm=audio 4000 RTP/AVP 101 111',
    'a=rtpmap:101 opus/48000/2',
    'a=rtpmap:111 telephone-event/48000',
  );
  const agreement = own.accept(answer);
  expect(agreement).toMatchObject({ codec: 'opus', payloadType: 101, eventPayloadType: 111, rtcp: { mux: false } });
  // It sends with our numbers, whatever its own mean.
  const roleOf = (payloadType: number) => agreement.receive.find((one) => one.payloadType === payloadType)?.role;
  expect([111, 101, 110, 9].map(roleOf)).toEqual(['opus', 'telephone-event', 'telephone-event', 'G722']);
});

test('an agreement is a plain value', () => {
  const { agreement } = negotiation({ codecs: ALL }).answer(BROWSER);
  expect(JSON.parse(JSON.stringify(agreement))).toEqual(agreement);
});
