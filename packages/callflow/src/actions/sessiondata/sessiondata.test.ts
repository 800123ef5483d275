import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../io.ts';
import { VirtualCall } from '../../testing/virtual-call.ts';

const run = (session_data: Json, sessionData: JsonObject | null = null) => {
  const document = { actions: [{ type: 'SESSIONDATA', session_data }, { type: 'HANGUP' }] };
  return new VirtualCall({ answers: { document }, sessionData }).toEnd();
};
const result = (call: VirtualCall) => call.of('finish')[0]?.body.session_data;

test('lays its members over what is there; types stay', () => {
  expect(result(run({ a: 1, ok: true }, { a: 0, b: { c: 2 } }))).toEqual({ a: 1, b: { c: 2 }, ok: true });
  expect(result(run({ a: 'x' }))).toEqual({ a: 'x' });
});

test('variables in texts are filled, references keep their type', () => {
  const call = run({ who: 'from ${callerNo}', at: '$startTime', deep: { all: '$sessionData' } }, { n: 7 });
  expect(result(call)).toEqual({
    n: 7,
    who: 'from +19495550101',
    at: Date.UTC(2026, 0, 2, 9),
    deep: { all: { n: 7 } },
  });
});

test('the whole object by reference', () => {
  expect(result(run('$customData', { n: 7 }))).toEqual({ n: 7 });
  expect(result(run('$sessionData', { n: 7 }))).toEqual({ n: 7 });
});

test('what is no object sets nothing', () => {
  const call = run([1], { n: 7 });
  expect(result(call)).toEqual({ n: 7 });
  expect(call.messages('warning')).toEqual(['session_data is no object; nothing is set']);
});

test('keys that are names of JavaScript’s own are plain data', () => {
  const document =
    '{"actions":[{"type":"SESSIONDATA","session_data":{"__proto__":{"polluted":1},"constructor":"c"}},{"type":"HANGUP"}]}';
  const call = new VirtualCall({ answers: { bodyText: document } }).toEnd();
  const data = result(call);
  expect(Object.keys(data ?? {})).toEqual(['__proto__', 'constructor']);
  expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});
