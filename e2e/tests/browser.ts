/** A phone in a real browser: JsSIP over a WebSocket (RFC 7118), WebRTC for the sound. */
import { findPromptInPieces } from '../lib/audio.ts';
import { BrowserPhone } from '../lib/browser-phone.ts';
import { equal, ok } from '../lib/check.ts';
import { prompt } from '../lib/prompts.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

/** Through Opus and the browser's own jitter buffer, which bends time a little. */
const SAME_SPEECH = 0.8;

async function heardSentence(phone: BrowserPhone, text: string): Promise<void> {
  const { samples } = await prompt(text);
  const { correlation } = findPromptInPieces(await phone.heard(), samples);
  ok(correlation > SAME_SPEECH, `the browser heard "${text}" (correlation ${correlation.toFixed(2)})`);
}

test('browser: registers, calls hello-world and hears it', { timeoutMs: 90_000, uses: ['sip-user'] }, async (t) => {
  const server = await sharedServer();
  const phone = await BrowserPhone.open(t, server);
  await phone.register();
  await phone.call(server.quickstart.number);
  await phone.reaches('confirmed');
  await phone.hears();
  await phone.reaches('ended by remote');
  equal(
    await phone.states(),
    ['connected', 'registered', 'progress', 'accepted', 'confirmed', 'ended by remote'],
    'states',
  );
  await heardSentence(phone, 'Hello, world.');
  equal(phone.tab.errors, [], 'errors in the page');
});
