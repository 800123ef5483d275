/** SIP by hand: what the server answers to requests that no phone sends, and digest with SHA-256. */
import { assertHeard } from '../lib/audio.ts';
import { equal, matches, ok } from '../lib/check.ts';
import { call, quickstartAccount } from '../lib/phone.ts';
import { prompts } from '../lib/prompts.ts';
import { authorization, RawSip } from '../lib/raw-sip.ts';
import { sdp } from '../lib/sdp.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

const UNKNOWN_NO = '+12125559999';
const OFFER = sdp({ ip: '127.0.0.1', port: 9 }).replaceAll('\n', '\r\n');
const SDP_TYPE = ['Content-Type: application/sdp'];

test('challenges are byte for byte the same whatever the number', async (t) => {
  const server = await sharedServer();
  const { number, sip_user_no: userNo, sip_domain: domain, sip_address: address } = server.quickstart;
  const sip = await RawSip.udp(t, address);
  const challenges: string[] = [];
  const users = [number, userNo, UNKNOWN_NO, '911', 'nobody', server.quickstart.sip_user];
  for (const [i, user] of users.entries()) {
    const uri = `sip:${user}@${domain}`;
    const response = await sip.ask({
      method: 'INVITE',
      uri,
      from: `sip:x@${domain}`,
      callId: `same-${i}`,
      headers: SDP_TYPE,
      body: OFFER,
    });
    equal(response.status, 401, `status for ${user}`);
    const own = [uri, `same-${i}`];
    let text = response.text.replace(/(nonce|opaque)="[^"]*"/g, '$1=""').replace(/(tag|branch)=[^\s;]+/g, '$1=');
    for (const part of own) text = text.replaceAll(part, '');
    challenges.push(text);
  }
  matches(
    challenges[0],
    /WWW-Authenticate: Digest[^\r]*SHA-256[\s\S]*WWW-Authenticate: Digest[^\r]*MD5/,
    'SHA-256 first',
  );
  for (const challenge of challenges) equal(challenge, challenges[0] ?? '', 'challenge without nonce and tag');
});

for (const algorithm of ['SHA-256', 'MD5'] as const) {
  test(`digest with ${algorithm}: the right password is let in, a wrong one and a used-up nonce are not`, async (t) => {
    const server = await sharedServer();
    const { sip_domain: domain, sip_address: address } = server.quickstart;
    const sip = await RawSip.udp(t, address);
    const uri = `sip:${UNKNOWN_NO}@${domain}`;
    const request = { method: 'INVITE', uri, from: `sip:x@${domain}`, body: OFFER };
    const challenge = await sip.ask({ ...request, headers: SDP_TYPE });
    const account = { ...quickstartAccount(server), method: 'INVITE', uri };
    const right = authorization(challenge, algorithm, account);
    const inside = await sip.ask({ ...request, headers: [...SDP_TYPE, right], cseq: 2 });
    equal(inside.status, 404, 'an unknown number, for a user who proved who he is');
    const again = await sip.ask({ ...request, headers: [...SDP_TYPE, right], cseq: 3 });
    equal(again.status, 401, 'the same proof a second time');
    const wrong = authorization(challenge, algorithm, { ...account, password: 'wrong' });
    equal((await sip.ask({ ...request, headers: [...SDP_TYPE, wrong], cseq: 4 })).status, 401, 'a wrong password');
  });
}

test('register with SHA-256, then take it back', { uses: ['sip-user'] }, async (t) => {
  const server = await sharedServer();
  const { sip_domain: domain, sip_address: address, sip_user: user } = server.quickstart;
  const sip = await RawSip.udp(t, address);
  const aor = `sip:${user}@${domain}`;
  const request = { method: 'REGISTER', uri: `sip:${domain}`, from: aor, to: aor, callId: `register-${Date.now()}` };
  const account = { ...quickstartAccount(server), method: 'REGISTER', uri: request.uri };
  let cseq = 0;
  const register = async (expiresSec: number) => {
    const headers = [`Expires: ${expiresSec}`];
    const challenge = await sip.ask({ ...request, headers, cseq: ++cseq });
    equal(challenge.status, 401, 'a challenge');
    const proof = authorization(challenge, 'SHA-256', account);
    return await sip.ask({ ...request, headers: [...headers, proof], cseq: ++cseq });
  };
  const registered = await register(120);
  equal(registered.status, 200, 'REGISTER');
  matches(registered.header('Contact')[0], /expires=1[12]\d/, 'the binding with its time');
  const removed = await register(0);
  equal([removed.status, removed.header('Contact')], [200, []], 'REGISTER with Expires: 0');
});

test('requests that cannot be served get the response the RFC asks for', async (t) => {
  const server = await sharedServer();
  const { sip_address: address, number, sip_domain: domain } = server.quickstart;
  const sip = await RawSip.udp(t, address);
  const uri = `sip:${number}@${domain}`;
  const options = await sip.ask({ method: 'OPTIONS', uri: `sip:${address}` });
  equal(options.status, 200, 'OPTIONS');
  matches(options.header('Allow')[0], /INVITE/, 'Allow of OPTIONS');
  const subscribe = await sip.ask({ method: 'SUBSCRIBE', uri, headers: ['Event: presence'] });
  equal(subscribe.status, 405, 'SUBSCRIBE');
  matches(subscribe.header('Allow')[0], /INVITE.*BYE|BYE.*INVITE/, 'Allow of the 405');
  for (const [what, request, status] of [
    ['an unheard-of method', { method: 'DANCE', uri }, 405],
    ['SIP/3.0', { method: 'OPTIONS', uri, version: 'SIP/3.0' }, 505],
    ['a scheme that is not ours', { method: 'INVITE', uri: 'mailto:a@b.invalid', to: uri }, 416],
    ['BYE without a dialog', { method: 'BYE', uri }, 481],
    ['CANCEL of nothing', { method: 'CANCEL', uri }, 481],
  ] as const) {
    equal((await sip.ask(request)).status, status, what);
  }
  const required = await sip.ask({ method: 'INVITE', uri, headers: ['Require: foo, bar'] });
  equal(required.status, 420, 'Require: foo, bar');
  matches(required.header('Unsupported').join(', '), /foo, bar/, 'Unsupported of the 420');
});

test('malformed messages harm nobody', { timeoutMs: 40_000 }, async (t) => {
  const server = await sharedServer();
  const { sip_address: address, number, sip_domain: domain } = server.quickstart;
  const sip = await RawSip.udp(t, address);
  const uri = `sip:${number}@${domain}`;
  const good = sip.text({ method: 'OPTIONS', uri });
  for (const bad of [
    '',
    '\r\n\r\n',
    '\0'.repeat(1_000),
    'INVITE',
    'INVITE sip:x SIP/2.0\r\n\r\n',
    'x'.repeat(60_000),
    good.replace(/^CSeq: .*$/m, 'CSeq: many OPTIONS'),
    good.replace(/^Via: .*$/m, 'Via: SIP/2.0/UDP'),
    good.replace(/^Content-Length: .*$/m, 'Content-Length: 99999'),
    good.replace(/^Content-Length: .*$/m, 'Content-Length: -1'),
    good.replace(/^From: .*$/m, 'From: <<<<sip:a@b'),
    good.replace(/^Max-Forwards: .*$/m, `X: ${'a: b\r\nX: '.repeat(3_000)}`),
    good.replace('SIP/2.0', 'SIP/2.0\0'),
    'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKnone\r\n\r\n',
  ]) {
    await sip.send(bad);
  }
  await sip.send(good.replace(/^Call-ID: .*\r\n/m, ''));
  equal((await sip.ask({ method: 'OPTIONS', uri })).status, 200, 'OPTIONS after all that');
  const phone = await call(t, server, { to: number });
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard(), await prompts('Hello, world.'));
});

test('TCP: messages that come byte by byte, several in one piece, and keep-alives', {
  timeoutMs: 40_000,
}, async (t) => {
  const { sip_address: address, number, sip_domain: domain } = (await sharedServer()).quickstart;
  const uri = `sip:${number}@${domain}`;
  const slow = await RawSip.tcp(t, address, { oneByOne: true });
  await slow.send('\r\n\r\n');
  const first = await slow.ask({ method: 'INVITE', uri, headers: SDP_TYPE, body: OFFER }, 20_000);
  equal(first.status, 401, 'INVITE with a body, byte by byte');
  equal((await slow.ask({ method: 'OPTIONS', uri }, 20_000)).status, 200, 'the next request on the connection');
  const fast = await RawSip.tcp(t, address);
  const crowd = [1, 2, 3].map((n) => fast.text({ method: 'OPTIONS', uri, callId: `crowd-${n}`, body: 'x'.repeat(n) }));
  await fast.send(crowd.join(''));
  equal((await fast.ask({ method: 'OPTIONS', uri })).status, 200, 'a request behind three in one piece');
  ok(
    [1, 2, 3].every((n) => fast.answered(`crowd-${n}`)),
    'each of the three was answered',
  );
});

test('an emergency number is refused, to whoever asks', async (t) => {
  const server = await sharedServer();
  const { sip_domain: domain, sip_address: address } = server.quickstart;
  const sip = await RawSip.udp(t, address);
  for (const no of ['911', '112', '+1911', '999']) {
    const uri = `sip:${no}@${domain}`;
    const request = { method: 'INVITE', uri, from: `sip:x@${domain}`, body: OFFER };
    const challenge = await sip.ask({ ...request, headers: SDP_TYPE });
    const proof = authorization(challenge, 'SHA-256', { ...quickstartAccount(server), method: 'INVITE', uri });
    const refused = await sip.ask({ ...request, headers: [...SDP_TYPE, proof], cseq: 2 });
    equal(refused.status, 403, `status for ${no}`);
    matches(refused.text, /^SIP\/2\.0 403 [^\r]*mergency/, `reason for ${no}`);
  }
});
