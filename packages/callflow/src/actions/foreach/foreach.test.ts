import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../io.ts';
import { VirtualCall, type VirtualCallOptions } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const foreach = (iterator: Json, then: Json): JsonObject => ({ type: 'FOREACH', params: { iterator }, then });
const HANGUP: JsonObject = { type: 'HANGUP' };
const run = (actions: JsonObject[], options: Partial<VirtualCallOptions> = {}) =>
  new VirtualCall({ answers: { document: { actions } }, ...options }).toEnd();

test.each<[string, Json, string[]]>([
  ['a reference to a list', '$list', ['0: a', '1: b']],
  ['a list, its texts filled', ['x', '$n', '${n}!'], ['0: x', '1: 7', '2: 7!']],
  ['a list of other values', [1, true, null, { a: 1 }, [2]], ['0: 1', '1: true', '2: ', '3: {"a":1}', '4: [2]']],
  ['an object: its values', { one: 1, two: 2 }, ['0: 1', '1: 2']],
  ['a single value', '$n', ['0: 7']],
  ['an empty list', [], []],
  ['nothing', '$missing', []],
])('%s', (_, iterator, heard) => {
  const call = run([
    { $list: "['a', 'b']", $n: '7' },
    foreach(iterator, [say('${index}: ${val}')]),
    say('end'),
    HANGUP,
  ]);
  expect(call.heard).toEqual([...heard, 'end']);
  expect(call.messages('warning')).toEqual([]);
});

test('the names of an object are $key', () => {
  const call = run([foreach('$sessionData', [say('${key} is ${val}')]), HANGUP], { sessionData: { a: 1, b: 'two' } });
  expect(call.heard).toEqual(['a is 1', 'b is two']);
});

test('the variables are there in conditions, and gone after the loop', () => {
  const skip = { type: 'IF', condition: "$val == 'b' || $index == 3", then: [say('${val}')] };
  const call = run([{ $val: "'mine'" }, foreach(['a', 'b', 'c', 'd'], [skip]), say('${val} ${index}'), HANGUP]);
  expect(call.heard).toEqual(['b', 'd', 'mine ']);
});

test('a FOREACH inside has its own; the outer ones are back after it', () => {
  const inner = foreach('$val', [say('${index}${val}')]);
  const outer = foreach([['a', 'b'], ['c']], [inner, say('outer ${index} ${val}')]);
  expect(run([outer, HANGUP]).heard).toEqual(['0a', '1b', 'outer 0 ["a","b"]', '0c', 'outer 1 ["c"]']);
});

test('the elements are those of the start; an assignment to $val ends with its round', () => {
  const body = [{ $list: "['x']", $val: "$val + '!'", '$val.deeper': '1' }, say('${val.deeper}'), { $seen: '$index' }];
  const call = run([{ $list: "['a', 'b']" }, foreach('$list', body), say('${seen} ${val}'), HANGUP]);
  expect(call.heard).toEqual(['1', '1', '1 ']);
});

test('a GOTO inside a round, and out of the loop; nobody jumps in', () => {
  const body = [
    { type: 'IF', condition: '$val == 2', then: [{ type: 'GOTO', params: { label: 'SKIP' } }] },
    { type: 'IF', condition: '$val == 4', then: [{ type: 'GOTO', params: { label: 'OUT' } }] },
    say('${val}'),
    { type: 'LABEL', name: 'SKIP' },
  ];
  const call = run([
    foreach([1, 2, 3, 4, 5], body),
    say('no'),
    { type: 'LABEL', name: 'OUT' },
    say('out ${val}'),
    HANGUP,
  ]);
  expect(call.heard).toEqual(['1', '3', 'out ']);
  const into = run([{ type: 'GOTO', params: { label: 'SKIP' } }, foreach([1], body)], {
    settings: { apologyText: '' },
  });
  expect(into.messages('warning')).toContain('there is no LABEL "SKIP" that this GOTO can reach');
});

test('out of a nested one, backwards, again and again', () => {
  const again = { type: 'IF', condition: '$n < 3', then: [{ type: 'GOTO', params: { label: 'AGAIN' } }] };
  const loops = foreach([1], [foreach([2], [say('${n}'), again])]);
  const call = run([{ $n: '0' }, { type: 'LABEL', name: 'AGAIN' }, { $n: '$n + 1' }, loops, say('end ${val}'), HANGUP]);
  expect(call.heard).toEqual(['1', '2', '3', 'end ']);
});

test('hanging up inside ends the call; keys reach a COLLECT inside', () => {
  expect(run([foreach([1, 2], [say('${val}'), HANGUP])]).heard).toEqual(['1']);
  const collect = { type: 'COLLECT', name: 'for ${val}', params: { num_digits: 1 }, actions: [say('${val}')] };
  const call = new VirtualCall({ answers: { document: { actions: [foreach(['a', 'b'], [collect]), HANGUP] } } });
  call.advance(500).press('1').advance(500).press('2').toEnd();
  expect(call.of('finish')[0]?.body.key_presses).toEqual([
    { name: 'for a', digits: '1' },
    { name: 'for b', digits: '2' },
  ]);
});

test('each round is in the timeline', () => {
  const call = run([foreach({ a: 1, b: 2 }, []), foreach([], []), HANGUP]);
  expect(call.messages('branch_taken')).toEqual([
    'element 1 of 2 (a)',
    'element 2 of 2 (b)',
    'there is no element to go over',
  ]);
});

test('more rounds than steps are an endless loop, and the error names it', () => {
  const call = run([foreach(Array(500).fill(0), [{ $n: '1' }])], { settings: { maxStepsWithoutWait: 300 } });
  expect(call.messages('error')[0]).toMatch(/closed by actions\[0\]/);
  const waits = run([foreach(Array(500).fill(0), [{ type: 'WAIT', params: { time: 20 } }]), HANGUP], {
    settings: { maxStepsWithoutWait: 300 },
  });
  expect(waits.messages('error')).toEqual([]);
});

test('too much to go over is not taken', () => {
  const call = run([
    { type: 'SESSIONDATA', session_data: {} },
    foreach(Array(40_000).fill(0), [say('x')]),
    say('on'),
    HANGUP,
  ]);
  expect(call.heard).toEqual(['on']);
  expect(call.messages('warning')).toEqual([
    'params.iterator: a value of 80001 characters is more than 65536; it is not taken',
  ]);
});
