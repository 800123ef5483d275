import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultFlowSettings } from '../flow-settings.ts';
import { createInterpreter } from '../interpreter/interpreter.ts';
import type { State } from '../interpreter/state.ts';
import type { Effect, Input } from '../io.ts';
import { arbitraryFlow } from '../testing/arbitrary-flow.ts';
import { arbitraryInput } from '../testing/arbitrary-input.ts';
import { CALL, EPOCH_MS } from '../testing/virtual-call.ts';
import { simulateMessage } from './simulate-message.ts';

/** What a message may want done: nothing that needs somebody on the line. */
const WITHOUT_CALL: ReadonlySet<Effect['type']> = new Set([
  'request_message_callback',
  'finish_message',
  'set_timer',
  'cancel_timer',
  'http_request',
  'send_message',
  'dial',
]);

const answers = fc.oneof(
  { weight: 6, arbitrary: arbitraryFlow.map((document) => JSON.stringify(document)) },
  { weight: 1, arbitrary: fc.string() },
  { weight: 1, arbitrary: fc.jsonValue().map((value) => JSON.stringify(value)) },
);

test('whatever a server answers, the flow of a message ends, once', async () => {
  await fc.assert(
    fc.asyncProperty(answers, fc.string(), async (answer, text) => {
      const settings = { maxStepsWithoutWait: 300, maxIdleCallbacks: 4 };
      const message = await simulateMessage(() => answer, { text, settings });
      expect(['completed', 'failed']).toContain(message.outcome.status);
      expect(message.transcript.filter(({ type }) => type === 'ended')).toHaveLength(1);
    }),
    { numRuns: 150 },
  );
});

test('whatever happens to it, a message wants nothing done that needs a call', () => {
  const interpreter = createInterpreter();
  const settings = defaultFlowSettings({ url: 'https://flow.example/', method: 'POST', contentType: '' });
  fc.assert(
    fc.property(answers, fc.array(arbitraryInput, { maxLength: 12 }), (bodyText, inputs) => {
      const message = { type: 'sms', text: 'x', media: [], keyword: null, apiRateCenter: '' } as const;
      const start: Input = {
        type: 'start',
        atMs: EPOCH_MS,
        call: CALL,
        settings: { ...settings, maxStepsWithoutWait: 300 },
        sessionData: null,
        seed: 1,
        message: { ...message, media: [] },
      };
      const answered: Input = { type: 'callback_answered', atMs: EPOCH_MS, requestId: 'r1', httpStatus: 200, bodyText };
      const ended: Input = { type: 'ended', atMs: EPOCH_MS, status: 'failed', by: 'api', reason: 'x', error: null };
      let state: State = interpreter.initialState();
      const effects: Effect[] = [];
      for (const input of [start, answered, ...inputs, ended]) {
        const step = interpreter.step(state, input);
        state = step.state;
        effects.push(...step.effects);
      }
      expect(effects.filter(({ type }) => !WITHOUT_CALL.has(type))).toEqual([]);
      expect(effects.filter(({ type }) => type === 'finish_message')).toHaveLength(1);
    }),
    { numRuns: 300 },
  );
});
