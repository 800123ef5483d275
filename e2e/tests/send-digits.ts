/** SEND_DIGITS as the far side gets it: events or tones, at their pace, and before a callee is connected. */
import { assertHeard } from '../lib/audio.ts';
import { between, equal } from '../lib/check.ts';
import { keysHeard } from '../lib/dtmf-decoder.ts';
import { hangUp, say } from '../lib/flow.ts';
import { numberRunning } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { prompts } from '../lib/prompts.ts';
import { EVENT_CODES, EVENT_PAYLOAD_TYPE, type RtpPeer } from '../lib/rtp-peer.ts';
import { assertContinuous } from '../lib/rtp-received.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';
import {
  caller,
  ended,
  FAR,
  farEnd,
  outcomeOf,
  pickUpUntilTold,
  remember,
  untilBothHear,
} from '../lib/transfer-parties.ts';

const END = 0x80;
const sendDigits = (digits: string) => ({ type: 'SEND_DIGITS', params: { digits } });

/** The keys that came as events (RFC 4733): when they began by the clock of the stream, and how long they were. */
function keysPressed({ packets }: RtpPeer) {
  const events = packets.filter(({ payloadType }) => payloadType === EVENT_PAYLOAD_TYPE);
  return [...new Set(events.map(({ timestamp }) => timestamp))].map((timestamp) => {
    const own = events.filter((one) => one.timestamp === timestamp);
    const ends = own.filter(({ payload }) => ((payload[1] ?? 0) & END) !== 0);
    const [, , high = 0, low = 0] = ends[0]?.payload ?? [];
    return {
      key: EVENT_CODES[own[0]?.payload[0] ?? 99],
      beginsMs: timestamp / 8,
      durationMs: (high * 256 + low) / 8,
      ends: ends.length,
      marked: own.filter(({ marker }) => marker).length,
    };
  });
}

for (const telephoneEvent of [true, false]) {
  test(`send digits: a phone ${telephoneEvent ? 'gets them as events' : 'without events hears tones'}`, {
    timeoutMs: 40_000,
  }, async (t) => {
    const server = await sharedServer();
    const { number } = await numberRunning(t, server, [
      say('One moment.'),
      sendDigits('1w(204) 9#*A'),
      say('They are sent.'),
      hangUp,
    ]);
    const { media, sipp } = await call(t, server, { to: number, media: { telephoneEvent } });
    await sipp.succeeded();
    assertContinuous(media.continuity());
    const heard = media.heard();
    assertHeard(heard, await prompts('One moment.', 'They are sent.'), { allowOther: !telephoneEvent });
    equal(await keysHeard(heard), telephoneEvent ? '' : '12049#*A', 'tones');
    const keys = keysPressed(media);
    equal(keys.map(({ key }) => key).join(''), telephoneEvent ? '12049#*A' : '', 'events');
    for (const { durationMs, ends, marked } of keys) {
      between(durationMs, 60, 250, 'length of a key');
      equal([ends, marked], [3, 1], 'packets that tell its end, and its begin');
    }
    const pauses = keys
      .slice(1)
      .map(({ beginsMs }, i) => beginsMs - (keys[i]?.beginsMs ?? 0) - (keys[i]?.durationMs ?? 0));
    for (const [i, pauseMs] of pauses.entries()) {
      if (i === 0) between(pauseMs, 500, 2_000, 'pause of w');
      else between(pauseMs, 40, 400, 'pause between two keys');
    }
  });
}

test('send digits: an extension is dialled in the whisper of a TRANSFER, which the caller does not hear', {
  uses: ['trunk'],
  timeoutMs: 40_000,
}, async (t) => {
  const server = await sharedServer();
  const { user, number } = await numberRunning(t, server, [
    { type: 'ANSWER' },
    { type: 'TRANSFER', params: { no: FAR }, whisper: [{ type: 'WAIT', params: { time: 500 } }, sendDigits('204#')] },
    remember,
    hangUp,
  ]);
  const far = await farEnd(t, pickUpUntilTold);
  const near = await caller(t, server, number);
  await untilBothHear(near.media, far.media);
  await far.sipp.tell();
  await ended(far, near);
  const keysOf = (media: RtpPeer) => keysPressed(media).map(({ key }) => key);
  equal(keysOf(far.media), [...'204#'], 'keys that the far side got');
  equal(keysOf(near.media), [], 'keys that the caller got');
  equal(await outcomeOf(user), { outcome: 'completed', who: FAR }, 'outcome');
});
