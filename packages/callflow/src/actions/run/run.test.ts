import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../io.ts';
import { VirtualCall, type VirtualCallOptions } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const run = (flow: string): JsonObject => ({ type: 'RUN', params: { flow } });
const goto = (label: string): JsonObject => ({ type: 'GOTO', params: { label } });
const RETURN: JsonObject = { type: 'RETURN' };
const HANGUP: JsonObject = { type: 'HANGUP' };
const call = (actions: JsonObject[], flows: Json, options: Partial<VirtualCallOptions> = {}) =>
  new VirtualCall({ answers: { document: { actions, flows } }, ...options }).toEnd();

test('runs a flow and goes on; variables carry arguments and results', () => {
  const flows = { greet: [say('Hello ${who}.'), { $greeted: '$greeted + 1' }] };
  const ran = call(
    [{ $who: "'Ann'", $greeted: '0' }, run('greet'), { $who: "'Bob'" }, run('greet'), say('${greeted}'), HANGUP],
    flows,
  );
  expect(ran.heard).toEqual(['Hello Ann.', 'Hello Bob.', '2']);
  expect(ran.messages('warning')).toEqual([]);
  expect(ran.events.filter(({ action }) => action === 'SAY')[0]?.path).toBe('flows.greet[0]');
});

test('a flow may run others, and its name may be a variable', () => {
  const flows = { a: [say('a'), run('$next'), say('a again')], b: [say('b')] };
  expect(call([{ $next: "'b'" }, run('a'), HANGUP], flows).heard).toEqual(['a', 'b', 'a again']);
});

test('RETURN leaves the flow from within branches, loops and prompts', () => {
  const flows = {
    find: [
      {
        type: 'FOREACH',
        params: { iterator: [1, 2, 3] },
        then: [say('${val}'), { type: 'IF', condition: '$val == 2', then: [RETURN] }],
      },
      say('not found'),
    ],
    ask: [{ type: 'COLLECT', name: 'ask', actions: [RETURN] }, say('no')],
  };
  const ran = call([run('find'), run('ask'), say('end ${val}'), HANGUP], flows);
  expect(ran.heard).toEqual(['1', '2', 'end ']);
  expect(ran.of('finish')[0]?.body.key_presses).toEqual([{ name: 'ask', digits: '' }]);
});

test('RETURN outside of a flow leaves out the rest of the list', () => {
  const answers = [{ document: { actions: [say('one'), RETURN, say('no')] } }, { document: { actions: [HANGUP] } }];
  const ran = new VirtualCall({ answers }).toEnd();
  expect(ran.heard).toEqual(['one']);
  expect(ran.of('request_callback').length).toBe(2);
  expect(ran.messages('error')).toEqual([]);
});

test('the loop that ran it is seen in the flow, and can be changed there', () => {
  const flows = { tell: [say('${val}'), { $val: '0' }] };
  const loop = { type: 'FOREACH', params: { iterator: ['a', 'b'] }, then: [run('tell'), say('${val}')] };
  expect(call([loop, HANGUP], flows).heard).toEqual(['a', '0', 'b', '0']);
});

test('labels are those of the flow', () => {
  const flows = { f: [goto('X'), say('no'), { type: 'LABEL', name: 'X' }, say('f'), goto('MAIN')] };
  const ran = call([run('f'), say('no'), { type: 'LABEL', name: 'MAIN' }, { type: 'LABEL', name: 'X' }], flows, {
    settings: { maxCallTimeMs: 3_000 },
  });
  expect(ran.heard[0]).toBe('f');
  expect(ran.messages('warning')[0]).toBe('there is no LABEL "MAIN" that this GOTO can reach');
  // A missing label leaves the whole document.
  expect(ran.heard).not.toContain('no');
});

test('a flow that is not there is passed over', () => {
  const ran = call([run('greeet'), run('$x'), run(''), say('on'), HANGUP], { greet: [] });
  expect(ran.heard).toEqual(['on']);
  expect(ran.messages('warning')).toEqual(['there is no flow "greeet" in the document; did you mean "greet"?']);
  expect(ran.messages('error')).toEqual([
    'there is no flow "greeet" in the document; RUN is passed over',
    'there is no flow "" in the document; RUN is passed over',
    'there is no flow "" in the document; RUN is passed over',
  ]);
});

test('names like those of JavaScript are names like any other', () => {
  const document =
    '{"actions":[{"type":"RUN","params":{"flow":"__proto__"}},{"type":"RUN","params":{"flow":"toString"}},{"type":"HANGUP"}],"flows":{"__proto__":[{"type":"SAY","params":{"text":"x"}}]}}';
  const ran = new VirtualCall({ answers: { bodyText: document } }).toEnd();
  expect(ran.heard).toEqual(['x']);
  expect(ran.messages('error')).toEqual(['there is no flow "toString" in the document; RUN is passed over']);
});

test('a flow that runs itself stops at 64 open lists, and ends as a loop when nothing waits', () => {
  const once = call([run('down'), say('up'), HANGUP], { down: [{ $n: '$n == undefined ? 1 : $n + 1' }, run('down')] });
  expect(once.heard).toEqual(['up']);
  expect(once.messages('error')).toEqual(['64 lists are open already; RUN is passed over']);
  expect(once.events.filter(({ type }) => type === 'variable_set').length).toBe(63);
  const twice = call([run('tree')], { tree: [run('tree'), run('tree')] }, { settings: { apologyText: '' } });
  expect(twice.messages('error').at(-1)).toMatch(/^endless loop/);
});

test.each<[string, Json, string]>([
  ['a list of flows', [[]], 'flows is a list; an object of named lists of actions is expected'],
  ['a flow of one action', { f: say('f') }, 'flows.f is a single action; it is taken as a list of one'],
  ['a flow of text', { 'my flow': 'x' }, 'flows["my flow"] is a string; a list of actions is expected'],
])('%s', (_, flows, warning) => {
  const ran = call([say('on'), HANGUP], flows);
  expect(ran.heard).toEqual(['on']);
  expect(ran.messages('warning')).toEqual([warning]);
});

test('a remark among the flows is none', () => {
  expect(call([say('on'), HANGUP], { comment: 'the flows' }).messages('warning')).toEqual([]);
});
