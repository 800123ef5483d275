import { parse } from 'sdp-transform';
import { expect, test } from 'vitest';
import { body, negotiation } from '../testing/negotiation.ts';

const ALL = ['PCMU', 'PCMA', 'G722', 'opus'] as const;
const KEY = 'WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz';
const CRYPTO = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`;
const FINGERPRINT = `a=fingerprint:sha-256 ${'0A:'.repeat(31)}0A`;

test('an offer in a call that is up keeps the numbers and the lines of that call, and begins with its codec', () => {
  const own = negotiation({ codecs: ALL, preferOwnOrder: false });
  own.answer(
    body(
      'm=video 4002 RTP/AVP 97',
      'm=audio 4000 RTP/AVP 96 0 111 97 110',
      'a=rtpmap:96 opus/48000/2',
      'a=rtpmap:111 iLBC/8000',
      'a=rtpmap:97 telephone-event/48000',
      'a=rtpmap:110 telephone-event/8000',
      'm=text 4004 RTP/AVP 98',
    ),
  );
  const offer = parse(own.offer());
  expect(offer.media.map(({ type, port }) => [type, port])).toEqual([
    ['video', 0],
    ['audio', 5000],
    ['text', 0],
  ]);
  expect(offer.media[1]?.payloads).toBe('96 0 8 9 97 110');
  const agreement = own.accept(
    body(
      'm=video 0 RTP/AVP 97',
      'm=audio 4000 RTP/AVP 96 97',
      'a=rtpmap:96 opus/48000/2',
      'a=rtpmap:97 telephone-event/48000',
      'm=text 0 RTP/AVP 98',
    ),
  );
  expect(agreement).toMatchObject({ codec: 'opus', payloadType: 96, eventPayloadType: 97 });
  expect(agreement.receive.find(({ payloadType }) => payloadType === 111)).toBeUndefined();
});

test('a number that the far side gave to a codec we do not have is given to no other', () => {
  const own = negotiation({ codecs: ALL });
  own.answer(body('m=audio 4000 RTP/AVP 0 111 96', 'a=rtpmap:111 iLBC/8000', 'a=rtpmap:96 telephone-event/8000'));
  const [media] = parse(own.offer()).media;
  expect(media?.rtp.find(({ codec }) => codec === 'opus')?.payload).toBe(97);
  expect(own.offer()).toBe(own.offer());
});

test('an offer in a protected call is protected in the same way, with the same key', () => {
  for (const protocol of ['RTP/SAVP', 'RTP/SAVPF', 'RTP/AVP']) {
    const own = negotiation();
    own.answer(body(`m=audio 4000 ${protocol} 0`, CRYPTO));
    const before = own.security;
    const [media] = parse(own.offer()).media;
    expect(media?.protocol).toBe(protocol);
    expect(before.kind === 'sdes' && own.offer().includes(before.send.master)).toBe(true);
    const tag = media?.crypto?.find(({ suite }) => suite === 'AES_CM_128_HMAC_SHA1_80')?.id;
    expect(() => own.accept(body(`m=audio 4000 ${protocol} 0`))).toThrow('No audio in common');
    own.accept(body(`m=audio 4000 ${protocol} 0`, CRYPTO.replace('crypto:1', `crypto:${tag}`)));
    expect(own.security).toEqual(before);
  }
});

test('an offer in a call under DTLS goes on with its certificate, its ICE and its line', () => {
  const own = negotiation();
  const far = ['a=mid:audio', 'a=rtcp-mux', FINGERPRINT, 'a=ice-ufrag:Far1', `a=ice-pwd:${'p'.repeat(24)}`];
  const line = 'm=audio 9 UDP/TLS/RTP/SAVPF 0';
  const { sdp } = own.answer(body(line, ...far, 'a=setup:active'));
  const before = own.security;
  const [answered] = parse(sdp).media;
  const [offered] = parse(own.offer()).media;
  expect(offered).toMatchObject({
    protocol: 'UDP/TLS/RTP/SAVPF',
    mid: 'audio',
    setup: 'actpass',
    fingerprint: answered?.fingerprint,
    iceUfrag: answered?.iceUfrag,
  });
  own.accept(body(line, ...far, 'a=setup:active'));
  expect(own.security).toEqual(before);
});

test('a line that is given up in a call that is up is held until it comes again, with the same codec and key', () => {
  const own = negotiation({ codecs: ALL });
  const line = (port: number) => body(`m=audio ${port} RTP/SAVP 8`, CRYPTO, 'm=video 0 RTP/AVP 97');
  expect(() => own.answer(line(0))).toThrow('No audio in common');
  const { agreement: before } = own.answer(line(4000));
  const { security } = own;
  const held = own.answer(line(0));
  expect(parse(held.sdp).media.map(({ type, port }) => [type, port])).toEqual([
    ['audio', 0],
    ['video', 0],
  ]);
  expect(held.agreement).toEqual({
    ...before,
    remote: null,
    maySend: false,
    mayReceive: false,
    rtcp: { mux: false, remote: null },
  });
  expect(own.security).toBe(security);
  const [offered] = parse(own.offer()).media;
  expect([offered?.port, offered?.protocol, String(offered?.payloads).split(' ')[0]]).toEqual([5000, 'RTP/SAVP', '8']);
  expect(own.answer(line(4000)).agreement).toEqual(before);
  expect(own.security).toEqual(security);
});
