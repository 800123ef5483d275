import { expect, test } from 'vitest';
import { VirtualCall } from '../../testing/virtual-call.ts';

test('goes on after the innermost RUN', () => {
  const say = (text: string) => ({ type: 'SAY', params: { text } });
  const run = (flow: string) => ({ type: 'RUN', params: { flow } });
  const document = {
    actions: [run('outer'), say('end'), { type: 'HANGUP' }],
    flows: {
      outer: [run('inner'), say('outer'), { type: 'RETURN' }, say('no')],
      inner: [{ type: 'RETURN' }, say('no')],
    },
  };
  const call = new VirtualCall({ answers: { document } }).toEnd();
  expect(call.heard).toEqual(['outer', 'end']);
  const ended = call.events.filter(({ type, action }) => type === 'action_ended' && action === 'RUN');
  expect(ended.map(({ path, data }) => [path, data.interrupted])).toEqual([
    ['flows.outer[0]', false],
    ['actions[0]', false],
  ]);
});
