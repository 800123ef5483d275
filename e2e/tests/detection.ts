/** DETECT beside a flow that goes on: who or what is at the other end decides, by what is heard of it. */
import { assertHeard, LINE_RATE_HZ } from '../lib/audio.ts';
import { fieldsOf } from '../lib/callback-server.ts';
import { equal } from '../lib/check.ts';
import { hangUp, say } from '../lib/flow.ts';
import { numberRunning } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { prompt, prompts } from '../lib/prompts.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';
import { tone } from '../lib/tones.ts';

const MEANWHILE = 'Good day, this is a call from the office.';
const silence = (durationMs: number) => new Int16Array((durationMs * LINE_RATE_HZ) / 1000);

for (const { who, sound, timeoutMs } of [
  { who: 'live_person', sound: async () => (await prompt('Hello?')).samples, timeoutMs: 20_000 },
  {
    who: 'answering_machine',
    sound: async () =>
      (await prompt('You have reached the answering machine of Ada. Please call again later.')).samples,
    timeoutMs: 20_000,
  },
  // The call of a fax machine (ITU-T T.30).
  { who: 'fax', sound: async () => tone(1100, 500), timeoutMs: 20_000 },
  { who: 'unknown', sound: async () => silence(0), timeoutMs: 1_500 },
]) {
  test(`detect: in the background: ${who}`, { timeoutMs: 60_000 }, async (t) => {
    const server = await sharedServer();
    const on = (name: string) => [
      { '$sessionData.found': `'${name}'` },
      { type: 'GOTO', params: { label: name.toUpperCase() } },
    ];
    const names = ['live_person', 'answering_machine', 'fax', 'unknown'];
    const { user, number } = await numberRunning(t, server, [
      {
        type: 'DETECT',
        params: { background: true, timeout: timeoutMs },
        events: Object.fromEntries(names.map((name) => [`on_${name}`, on(name)])),
      },
      say(MEANWHILE),
      { type: 'WAIT', params: { time: 30_000 } },
      hangUp,
      ...names.flatMap((name) => [{ type: 'LABEL', name: name.toUpperCase() }, say(`This is ${name}.`), hangUp]),
    ]);
    const samples = await sound();
    const { media, sipp } = await call(t, server, { to: number, timeoutMs: 38_000 });
    await media.waitForPacket();
    await media.say(silence(300));
    await media.say(samples);
    await sipp.succeeded();
    assertHeard(media.heard(), await prompts(`This is ${who}.`), { allowOther: true });
    const end = fieldsOf(await user.first('end_call'));
    equal([end.detection, end.session_data], [who, { found: who }], 'what was found');
  });
}
