/** Calls of a softphone whose media is protected: SRTP with keys in the SDP, or from a DTLS handshake. */
import { assertHeard } from '../lib/audio.ts';
import { Baresip } from '../lib/baresip.ts';
import { matches } from '../lib/check.ts';
import { newNumber } from '../lib/numbers.ts';
import { quickstartAccount, reach } from '../lib/phone.ts';
import { prompt } from '../lib/prompts.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

const QUESTION = 'Hello world. Welcome to conditional processing. Please press one on your telephone keypad.';
const ANSWER = 'You pressed 1. Thank you for following instructions.';

for (const [encryption, told] of [
  ['srtp-mand', /SRTP is Enabled/],
  ['srtp', /SRTP is Enabled/],
  ['dtls_srtp', /DTLS-SRTP complete/],
] as const) {
  test(`protected-calls: baresip with ${encryption} hears a flow and is heard`, { timeoutMs: 60_000 }, async (t) => {
    const server = await sharedServer();
    const { flows_url, sip_domain } = server.quickstart;
    const number = await newNumber(server, { url: `${flows_url}/conditional.json` });
    const { remote } = await reach(t, server, 'udp');
    const account = quickstartAccount(server);
    const phone = await Baresip.start(t, { ...account, domain: sip_domain, outbound: remote, encryption });
    await phone.dial(`sip:${number}@${sip_domain}`);
    await phone.event('CALL_ESTABLISHED');
    const question = await prompt(QUESTION);
    await phone.hears(question);
    await phone.press('1');
    await phone.event('CALL_CLOSED');
    await phone.quit();
    matches(phone.log(), told, 'what baresip says of its media');
    assertHeard(phone.heard(), [question, await prompt(ANSWER)], { inPieces: true });
  });
}
