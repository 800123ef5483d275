import { expect, test } from 'vitest';
import type { JsonObject } from '../../io.ts';
import { VirtualCall } from '../../testing/virtual-call.ts';

/** Runs entries and gives what they made of the session data and the variables. */
function run(
  entries: JsonObject[],
  sessionData: JsonObject | null = null,
): { call: VirtualCall; variables: JsonObject; data: JsonObject | null } {
  const call = new VirtualCall({ answers: [{ document: { actions: entries } }, 'never'], sessionData }).advance(200);
  if (call.state.kind !== 'call') throw new Error('the call has not started');
  return { call, variables: call.state.variables, data: call.state.sessionData };
}

test('expressions, in order, later ones using earlier ones', () => {
  const { variables } = run([
    { $hours: '12', $minutes: '00', comment: 'opening' },
    {
      $list: "['+19495550102','+19495550103']",
      $no: "'+19495550102'",
      $open: '+(new Date().setUTCHours($hours, $minutes))',
    },
  ]);
  expect(variables).toEqual({
    hours: 12,
    minutes: 0,
    list: ['+19495550102', '+19495550103'],
    no: '+19495550102',
    open: Date.UTC(2026, 0, 2, 12) + 50,
  });
});

test('members of the session data, which is made when there is none', () => {
  expect(run([{ '$sessionData.conference_name': '$callId' }]).data).toEqual({ conference_name: '17@3423993409' });
  expect(run([{ '$sessionData.a.b': '1' }], { a: { c: 2 }, d: 3 }).data).toEqual({ a: { c: 2, b: 1 }, d: 3 });
  expect(run([{ '$sessionData.list[1]': '9' }], { list: [1, 2] }).data).toEqual({ list: [1, 9] });
});

test('a value that is no text is taken as it is', () => {
  expect(run([{ $a: 5, $b: ['x', '$callId'], $c: null }]).variables).toEqual({
    a: 5,
    b: ['x', '17@3423993409'],
    c: null,
  });
});

test('the user’s own variable comes before a native one of its name; keyPresses is the call’s', () => {
  const { variables, call } = run([{ $status: "'sales'" }, { $seen: '$status', $keyPresses: "'42'" }]);
  expect(variables).toEqual({ status: 'sales', seen: 'sales' });
  expect(call.state.kind === 'call' && call.state.keyPresses).toBe('42');
});

test('no value: the variable is taken away', () => {
  const { variables, call } = run([
    { $a: '1', $b: '1' },
    { $a: 'undefined', $b: "'x' * 1" },
  ]);
  expect(variables).toEqual({});
  expect(call.messages('warning')).toEqual(['$b would be NaN; it has no value now']);
});

test('an expression that fails leaves the variable as it was', () => {
  const { variables, call } = run([{ $a: '1' }, { $a: 'nonsense(' }]);
  expect(variables).toEqual({ a: 1 });
  expect(call.messages('error')[0]).toMatch(/^\$a stays as it was/);
});

test('variables outlive the callback', () => {
  const call = new VirtualCall({
    answers: [
      { document: { actions: [{ $n: '1' }] } },
      { document: { actions: [{ $n: '$n + 1' }, { type: 'SAY', params: { text: '${n}' } }, { type: 'HANGUP' }] } },
    ],
  }).toEnd();
  expect(call.heard).toEqual(['2']);
});

test('the number and the size of variables are bounded', () => {
  const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`$v${index}`, 1]));
  const { variables } = run([many]);
  expect(Object.keys(variables).length).toBe(1_000);
  expect(variables).not.toHaveProperty('v1000');

  const long = run([{ $v: 1 }, { $v: ['x'.repeat(65_536)] }]);
  expect(long.variables).toEqual({ v: 1 });
  expect(long.call.messages('warning')).toEqual([
    '$v: a value of 65540 characters is more than 65536; it is not taken',
  ]);
});

test('names that are JavaScript’s own reach nothing', () => {
  const { variables, data } = run([
    { '$sessionData.constructor.prototype.x': '1', $a: '$sessionData.__proto__', $b: '$constructor' },
  ]);
  expect(({} as { x?: number }).x).toBeUndefined();
  expect(variables).toEqual({});
  expect(Object.hasOwn(data ?? {}, 'constructor')).toBe(true);
});

test('random numbers and the time come from the call', () => {
  const one = run([{ $r: 'Math.random()', $s: 'Math.random()', $t: 'Date.now()' }]).variables;
  expect(one).toEqual(run([{ $r: 'Math.random()', $s: 'Math.random()', $t: 'Date.now()' }]).variables);
  expect(one.r).not.toBe(one.s);
  expect(one.t).toBe(Date.UTC(2026, 0, 2, 9) + 50);
});
