/** A user with a desk phone and a browser: both ring, each with what it can answer, and either may answer. */
import { LINE_RATE_HZ } from '../lib/audio.ts';
import { BrowserPhone, MICROPHONE_HZ } from '../lib/browser-phone.ts';
import { fieldsOf } from '../lib/callback-server.ts';
import { equal, ok } from '../lib/check.ts';
import { hangUp } from '../lib/flow.ts';
import { numberRunning } from '../lib/numbers.ts';
import { registeredPhone } from '../lib/phone.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';
import { shareOf } from '../lib/tone.ts';
import { tone } from '../lib/tones.ts';
import { assertBothHeard, CALLER_HZ, caller, FAR_HZ, remember, transfer } from '../lib/transfer-parties.ts';

/** The tone fills what was heard last. */
function isLast(frequencyHz: number, heard: Int16Array): boolean {
  return shareOf(frequencyHz, heard.subarray(-LINE_RATE_HZ / 2), LINE_RATE_HZ) > 0.8;
}

test('mixed phones: desk phone and browser both ring; the browser answers', {
  timeoutMs: 90_000,
  uses: ['sip-user'],
}, async (t) => {
  const server = await sharedServer();
  const { sip_user: user, sip_user_no: no } = server.quickstart;
  const { user: callbacks, number } = await numberRunning(t, server, [transfer({ no: user }), remember, hangUp]);
  const browser = await BrowserPhone.open(t, server);
  await browser.register();
  const desk = await registeredPhone(t, server, {
    script: (phone) => phone.expectInvite().reply(180).expectCancel(),
    timeoutMs: 60_000,
  });
  const near = await caller(t, server, number, (phone) => phone.untilTold().bye());
  await browser.reaches(`called by \\${no}`);
  await browser.answer();
  await browser.reaches('confirmed');
  await browser.hears();
  await desk.sipp.succeeded();
  await near.media.waitForHeard(4 * LINE_RATE_HZ);
  ok(isLast(MICROPHONE_HZ, near.media.heard()), 'the caller hears the browser’s microphone');
  ok(isLast(CALLER_HZ, await browser.heard()), 'the browser hears the caller');
  await near.sipp.tell();
  await near.sipp.succeeded();
  await browser.reaches('ended by remote');
  const end = fieldsOf(await callbacks.first('end_call'));
  equal(end.status, 'completed', 'status');
});

test('mixed phones: desk phone and browser both ring; the desk phone answers', {
  timeoutMs: 90_000,
  uses: ['sip-user'],
}, async (t) => {
  const server = await sharedServer();
  const { sip_user: user, sip_user_no: no } = server.quickstart;
  const { user: callbacks, number } = await numberRunning(t, server, [transfer({ no: user }), remember, hangUp]);
  const browser = await BrowserPhone.open(t, server);
  await browser.register();
  const desk = await registeredPhone(t, server, {
    script: (phone, answer) =>
      phone.expectInvite().reply(180).pause(4_000).reply(200, { body: answer }).expectAck().untilTold().bye(),
    timeoutMs: 60_000,
  });
  const near = await caller(t, server, number);
  await browser.reaches(`called by \\${no}`);
  void desk.media.say(tone(FAR_HZ, 25_000));
  await assertBothHeard(near.media, desk.media);
  await desk.sipp.tell();
  await browser.reaches('failed: .*');
  await Promise.all([desk.sipp.succeeded(), near.sipp.succeeded()]);
  const end = fieldsOf(await callbacks.first('end_call'));
  equal(end.session_data, { outcome: 'completed', who: user }, 'outcome');
  equal(browser.tab.errors, [], 'errors in the page');
});
