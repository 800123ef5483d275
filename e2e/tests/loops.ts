/** Flows that go in circles: what bounds them on real calls. */
import { equal } from '../lib/check.ts';
import { fill, say } from '../lib/flow.ts';
import { eventsOf, hear } from '../lib/heard-call.ts';
import { ownServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

test('loops: a flow that calls people again and again calls no more than it may', async (t) => {
  const server = await ownServer(t, { config: { limits: { max_legs_per_call: 3 } } });
  const { log } = await hear(t, server, [
    say('Hello.'),
    { $round: '0' },
    { type: 'LABEL', name: 'again' },
    { $round: '+$round + 1' },
    { type: 'DIAL', params: { no: 'nobody' } },
    { type: 'WAIT', params: { time: 100 } },
    // biome-ignore lint/suspicious/noThenProperty: that is what IF calls it.
    { type: 'IF', condition: '$round < 5', then: [{ type: 'GOTO', params: { label: 'again' } }], orElse: [] },
    { type: 'TRANSFER', params: { no: ['nobody', 'no-one'] } },
    say(fill('transferStatus')),
  ]);
  const events = eventsOf(log);
  equal(events.filter(({ kind, type }) => kind === 'effect' && /^(dial|transfer)$/.test(type)).length, 3, 'legs');
  const refusal = 'the flow has rung 3 phones, as many as it may (limits.max_legs_per_call); not rung:';
  equal(
    events.filter(({ type, message }) => type === 'error' && message.startsWith(refusal)).map(({ message }) => message),
    [`${refusal} nobody`, `${refusal} nobody`, `${refusal} nobody, no-one`],
    'what is refused',
  );
  equal(log.includes('"text":"failed"') || log.includes('"text": "failed"'), true, 'the flow hears of it');
});
