import { parse } from 'sdp-transform';
import { expect, test } from 'vitest';
import { SRTP_SUITE_NAMES } from '../srtp/suite.ts';
import { SdpError } from './error.ts';
import { Negotiation, type NegotiationOptions } from './negotiation.ts';

const OWN_FINGERPRINT = { hash: 'sha-256', value: 'AB:CD' };
const FAR_FINGERPRINT = `sha-256 ${'0A:'.repeat(31)}0A`;
const KEY_80 = 'WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz';
const GCM_KEY = `${'a'.repeat(37)}A==`;

function negotiation(security: Partial<NegotiationOptions['security']> = {}, port = 5000): Negotiation {
  const fingerprint = () => OWN_FINGERPRINT;
  return new Negotiation({
    sessionId: '42',
    address: '192.0.2.9',
    port,
    family: 4,
    codecs: ['PCMU', 'PCMA'],
    security: { suites: SRTP_SUITE_NAMES, offers: 'none', fingerprint, ...security },
  });
}

function body(...media: string[]): string {
  return ['v=0', 'o=- 7 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...media, ''].join('\r\n');
}

const SDES_LINES = [
  `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${KEY_80}|2^20`,
  `a=crypto:2 AEAD_AES_128_GCM inline:${GCM_KEY}`,
];
const BROWSER_LINES = [
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 0',
  'c=IN IP4 0.0.0.0',
  'a=rtpmap:111 opus/48000/2',
  'a=mid:0',
  'a=rtcp-mux',
  'a=setup:actpass',
  `a=fingerprint:${FAR_FINGERPRINT}`,
];
const BROWSER = body('a=group:BUNDLE 0 1', ...BROWSER_LINES, 'a=ice-ufrag:Far1', `a=ice-pwd:${'p'.repeat(24)}`);

test('keys of the offer are answered with one of ours, under the preferred suite', () => {
  const own = negotiation();
  const { sdp, agreement } = own.answer(body('m=audio 4000 RTP/SAVP 0', ...SDES_LINES));
  expect(own.security).toMatchObject({
    kind: 'sdes',
    send: { suite: 'AEAD_AES_128_GCM' },
    receive: { suite: 'AEAD_AES_128_GCM', master: GCM_KEY },
  });
  expect(agreement.remote).toEqual({ address: '192.0.2.1', port: 4000 });
  const [media] = parse(sdp).media;
  expect(media?.protocol).toBe('RTP/SAVP');
  expect(media?.crypto).toMatchObject([{ id: 2, suite: 'AEAD_AES_128_GCM' }]);
  expect(sdp).not.toContain(GCM_KEY);
});

test('the order of the suites is ours to choose, and what is left out is not taken', () => {
  const own = negotiation({ suites: ['AES_CM_128_HMAC_SHA1_80'] });
  own.answer(body('m=audio 4000 RTP/SAVP 0', ...SDES_LINES));
  expect(own.security).toMatchObject({ kind: 'sdes', receive: { master: KEY_80 } });
  const none = negotiation({ suites: ['AES_CM_128_HMAC_SHA1_32'] });
  expect(() => none.answer(body('m=audio 4000 RTP/SAVP 0', ...SDES_LINES))).toThrow(SdpError);
});

test('our key stays over re-offers, and the answer stays the same', () => {
  const own = negotiation();
  const offer = body('m=audio 4000 RTP/SAVP 0', ...SDES_LINES);
  const first = own.answer(offer).sdp;
  expect(own.answer(offer).sdp).toBe(first);
});

test('keys beside plain RTP are taken; plain RTP without keys stays plain', () => {
  const own = negotiation();
  expect(own.answer(body('m=audio 4000 RTP/AVP 0', ...SDES_LINES)).sdp).toContain('m=audio 5000 RTP/AVP 0');
  expect(own.security.kind).toBe('sdes');
  own.answer(body('m=audio 4000 RTP/AVP 0'));
  expect(own.security).toEqual({ kind: 'none' });
});

test('protected lines come before or after plain ones, and the first that we can do is taken', () => {
  const own = negotiation();
  const { sdp } = own.answer(body('m=audio 4000 RTP/SAVP 0', 'm=audio 4002 RTP/AVP 0'));
  expect(parse(sdp).media.map(({ port, protocol }) => [port, protocol])).toEqual([
    [0, 'RTP/SAVP'],
    [5000, 'RTP/AVP'],
  ]);
});

test('our offer of keys, and the answers to it', () => {
  const own = negotiation({ offers: 'sdes' });
  const [media] = parse(own.offer()).media;
  expect(media?.protocol).toBe('RTP/SAVP');
  expect(media?.crypto?.map(({ suite }) => suite)).toEqual(SRTP_SUITE_NAMES);
  expect(own.offer()).toBe(own.offer());
  own.accept(body('m=audio 4000 RTP/SAVP 0', `a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:${KEY_80}`));
  expect(own.security).toMatchObject({ kind: 'sdes', receive: { master: KEY_80 } });
  expect(own.security.kind === 'sdes' && own.offer().includes(own.security.send.master)).toBe(true);
  for (const wrong of [
    ['m=audio 4000 RTP/SAVP 0'],
    ['m=audio 4000 RTP/AVP 0', `a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:${KEY_80}`],
    ['m=audio 4000 RTP/SAVP 0', `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${KEY_80}`],
    ['m=audio 4000 RTP/SAVP 0', `a=crypto:9 AES_CM_128_HMAC_SHA1_80 inline:${KEY_80}`],
  ]) {
    expect(() => own.accept(body(...wrong))).toThrow(SdpError);
  }
});

test('a browser is answered as a lite side that waits for it', () => {
  const own = negotiation();
  const { sdp, agreement } = own.answer(`${BROWSER}m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n`);
  const session = parse(sdp);
  const [audio, video] = session.media;
  expect(session.icelite).toBe('ice-lite');
  expect(session.groups).toEqual([{ type: 'BUNDLE', mids: 0 }]);
  expect(video?.port).toBe(0);
  expect(audio).toMatchObject({
    port: 5000,
    protocol: 'UDP/TLS/RTP/SAVPF',
    setup: 'passive',
    mid: 0,
    rtcpMux: 'rtcp-mux',
    fingerprint: { type: 'sha-256', hash: 'AB:CD' },
    candidates: [{ ip: '192.0.2.9', port: 5000, type: 'host', transport: 'udp', priority: 2_130_706_431 }],
    endOfCandidates: 'end-of-candidates',
    direction: 'sendrecv',
  });
  expect(own.security).toMatchObject({ kind: 'dtls', role: 'server', ice: { remoteUfrag: 'Far1' } });
  expect(agreement).toMatchObject({ remote: null, maySend: true, mayReceive: true, rtcp: { mux: true } });
});

test('a far side that restarts ICE gets new credentials, any other re-offer the same', () => {
  const own = negotiation();
  const ufrag = (offer: string) => parse(own.answer(offer).sdp).media[0]?.iceUfrag;
  const first = ufrag(BROWSER);
  expect(ufrag(BROWSER)).toBe(first);
  const restarted = ufrag(BROWSER.replace('Far1', 'Far2'));
  expect(restarted).not.toBe(first);
  expect(ufrag(BROWSER.replace('Far1', 'Far2'))).toBe(restarted);
});

test.each([
  ['passive', 'active', 'client'],
  ['active', 'passive', 'server'],
  ['actpass', 'passive', 'server'],
])('setup %s is answered with %s', (offered, answered, role) => {
  const own = negotiation();
  const { sdp } = own.answer(BROWSER.replace('actpass', offered));
  expect(parse(sdp).media[0]?.setup).toBe(answered);
  expect(own.security).toMatchObject({ role });
});

test('without ICE, or with a lite far side, media goes where the SDP says', () => {
  const own = negotiation();
  const lines = BROWSER_LINES.map((line) => line.replace('audio 9', 'audio 4000').replace('0.0.0.0', '192.0.2.7'));
  const { sdp, agreement } = own.answer(body(...lines));
  expect(sdp).not.toMatch(/ice-|candidate|group/);
  expect(own.security).toMatchObject({ ice: null });
  expect(agreement.remote).toEqual({ address: '192.0.2.7', port: 4000 });
  const lite = body('a=ice-lite', ...lines, 'a=ice-ufrag:Far1', `a=ice-pwd:${'p'.repeat(24)}`);
  expect(own.answer(lite).sdp).toContain('a=ice-ufrag:');
  expect(own.security).toMatchObject({ ice: null });
});

test('DTLS without a fingerprint that can be trusted is refused', () => {
  const own = negotiation();
  expect(() => own.answer(BROWSER.replace('sha-256', 'sha-1'))).toThrow(SdpError);
  expect(() => own.answer(BROWSER.replace(/a=fingerprint.*\r\n/, ''))).toThrow(SdpError);
});

test('two of ours understand each other, in every way', () => {
  for (const offers of ['none', 'sdes', 'dtls'] as const) {
    const caller = negotiation({ offers });
    const callee = negotiation({}, 6000);
    const { sdp } = callee.answer(caller.offer());
    expect(caller.accept(sdp).remote).toEqual({ address: '192.0.2.9', port: 6000 });
    expect([caller.security.kind, callee.security.kind]).toEqual([offers, offers]);
    if (caller.security.kind === 'sdes' && callee.security.kind === 'sdes') {
      expect(caller.security.send).toEqual(callee.security.receive);
      expect(caller.security.receive).toEqual(callee.security.send);
    }
    if (caller.security.kind === 'dtls') expect(caller.security.role).toBe('client');
  }
});

test('answers of two forks to one offer find us where the offer said', () => {
  const own = negotiation({ offers: 'dtls' });
  const offered = parse(own.offer()).media[0]?.iceUfrag;
  for (const ufrag of ['Far1', 'Far2']) {
    own.accept(BROWSER.replace('actpass', 'active').replace('Far1', ufrag));
    expect(own.security).toMatchObject({ ice: { local: { ufrag: offered }, remoteUfrag: ufrag } });
  }
  expect(parse(own.offer()).media[0]?.iceUfrag).toBe(offered);
});

test('a key that the call left does not come back', () => {
  const own = negotiation();
  const offers = [
    body('m=audio 4000 RTP/SAVP 0', ...SDES_LINES),
    body('m=audio 4000 RTP/AVP 0'),
    body('m=audio 4000 RTP/SAVP 0', ...SDES_LINES),
    body('m=audio 4000 RTP/SAVP 0', ...SDES_LINES.slice(0, 1)),
    body('m=audio 4000 RTP/SAVP 0', ...SDES_LINES),
    body('m=audio 4000 RTP/SAVP 0', ...SDES_LINES),
  ];
  const keys = offers.map((offer) => {
    own.answer(offer);
    return own.security.kind === 'sdes' ? own.security.send.master : '';
  });
  expect(new Set(keys.slice(0, 5)).size).toBe(5);
  expect(keys[5]).toBe(keys[4]);
});

test('a re-offer that leaves the role to us keeps it, unless the far side is another one', () => {
  const own = negotiation();
  const setupOf = (offer: string) => parse(own.answer(offer).sdp).media[0]?.setup;
  expect(setupOf(BROWSER.replace('actpass', 'passive'))).toBe('active');
  expect(setupOf(BROWSER)).toBe('active');
  expect(setupOf(BROWSER.replaceAll('0A', '0B'))).toBe('passive');
  expect(setupOf(BROWSER.replaceAll('0A', '0B').replace('actpass', 'active'))).toBe('passive');
});
