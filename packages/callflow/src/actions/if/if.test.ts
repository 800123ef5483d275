import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../io.ts';
import { VirtualCall } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const run = (entry: JsonObject, sessionData: JsonObject | null = null) => {
  const document = { actions: [{ type: 'IF', ...entry }, say('after'), { type: 'HANGUP' }] };
  return new VirtualCall({ answers: { document }, sessionData }).toEnd();
};
const branches = (condition: Json, sessionData: JsonObject | null = null) =>
  run({ condition, then: [say('yes')], orElse: [say('no')] }, sessionData);

test.each<[string, JsonObject | null, string]>([
  ["$sessionData.age == 37 && $sessionData.name == 'Ann'", { age: '37', name: 'Ann' }, 'yes'],
  ['$sessionData.guess < 50', { guess: '9' }, 'yes'],
  ['$keyPresses < 50', null, 'yes'],
  ['$nothing == 1', null, 'no'],
  ['$sessionData.deep.er == undefined', null, 'yes'],
  ["$direction == 'inbound' && $callerNoTimezone == 'America/Los_Angeles'", null, 'yes'],
  ['$startTime > new Date().setUTCHours(8, 59)', null, 'yes'],
])('%s', (condition, sessionData, said) => {
  expect(branches(condition, sessionData).heard).toEqual([said, 'after']);
});

test('the event names the condition, the result and the branch', () => {
  const event = branches("$keyPresses == '1'").events.find(({ type }) => type === 'branch_taken');
  expect(event).toMatchObject({
    path: 'actions[0]',
    action: 'IF',
    message: "$keyPresses == '1' is false",
    data: { condition: "$keyPresses == '1'", result: false, branch: 'orElse' },
  });
});

test('paths of nested actions', () => {
  const inner = { type: 'IF', condition: 'true', then: [say('deep')] };
  const call = run({ condition: 'false', then: [], orElse: [say('first'), inner] });
  const paths = call.events
    .filter(({ type, action }) => type === 'action_started' && action === 'SAY')
    .map(({ path }) => path);
  expect(paths).toEqual(['actions[0].orElse[0]', 'actions[0].orElse[1].then[0]', 'actions[1]']);
});

test('a condition that does not parse is a warning at load, an error when reached, and false', () => {
  const call = branches('$keyPresses == ');
  expect(call.heard).toEqual(['no', 'after']);
  expect(call.messages('warning')[0]).toMatch(/^the condition counts as false: .*\(column \d+\)$/);
  expect(call.messages('error')[0]).toMatch(/^the condition counts as false/);
});

test.each<[string, JsonObject, string[], string]>([
  [
    'a single action for a list',
    { condition: 'true', then: say('yes') },
    ['yes', 'after'],
    'then is a single action; it is taken as a list of one',
  ],
  ['no then', { condition: 'true' }, ['after'], 'then is missing; nothing is run for it'],
  ['no condition', { then: [say('yes')] }, ['after'], 'condition is missing; it counts as false'],
  [
    'a boolean condition',
    { condition: true, then: [say('yes')] },
    ['yes', 'after'],
    'condition is a boolean, taken as the expression "true"',
  ],
  [
    'a misspelt key',
    { condition: 'false', then: [], orelse: [say('no')] },
    ['after'],
    'unknown key "orelse"; did you mean "orElse"?',
  ],
  ['then is text', { condition: 'true', then: 'x' }, ['after'], 'then is a string; a list of actions is expected'],
])('%s', (_, entry, heard, warning) => {
  const call = run(entry);
  expect(call.heard).toEqual(heard);
  expect(call.messages('warning')).toEqual([warning]);
});
