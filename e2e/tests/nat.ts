/** A server behind a NAT: what it tells the far side is its public address, what it binds is its own. */
import { assertHeard } from '../lib/audio.ts';
import { CallbackServer } from '../lib/callback-server.ts';
import { equal, ok } from '../lib/check.ts';
import { actions, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { prompts } from '../lib/prompts.ts';
import { ownServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

const PUBLIC = '203.0.113.7';

test('--advertise: Contact and SDP carry the public address, and the call is heard', async (t) => {
  const server = await ownServer(t, { flags: ['--advertise', PUBLIC] });
  const user = await CallbackServer.open(t, [actions(say('Hello from behind a router.'), hangUp), { status: 200 }]);
  const number = await newNumber(server, { url: user.url });
  // Our side of the router: packets for the public address are brought to 127.0.0.1.
  const phone = await call(t, server, { to: number, sendMedia: false });
  const { words } = await phone.sipp.event('media');
  phone.media.start('127.0.0.1', Number(words[1]));
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard(), await prompts('Hello from behind a router.'));
  equal(words[0], PUBLIC, 'address in the SDP');
  const answers = phone.sipp.messages().filter(({ firstLine }) => firstLine.startsWith('SIP/2.0 200'));
  const contact = /^Contact:.*$/im.exec(answers[0]?.text ?? '')?.[0] ?? '';
  ok(
    contact.includes(`@${PUBLIC}:`) || contact.includes(`:${PUBLIC}:`),
    `Contact carries the public address: ${contact}`,
  );
  const bye = phone.sipp.messages().find(({ firstLine }) => firstLine.startsWith('BYE'));
  ok(/^Via:.*$/im.exec(bye?.text ?? '')?.[0].includes(PUBLIC) === true, 'Via of our BYE carries the public address');
});
