import { describe, expect, test } from 'vitest';
import { compileExpression, evaluate, variablesOf } from './expression.ts';

const NOW_MS = Date.UTC(2026, 0, 15, 10, 20, 30, 400);

function run(text: string, variables: Record<string, unknown> = {}, timeZone?: string) {
  const compiled = compileExpression(text);
  if (!compiled.ok) throw new Error(`${text}: ${compiled.message}`);
  const scope = {
    lookup: (name: string) => (Object.hasOwn(variables, name) ? variables[name] : undefined),
    nowMs: NOW_MS,
    random: () => 0.25,
    ...(timeZone === undefined ? {} : { timeZone }),
  };
  return evaluate(compiled.expression, scope);
}

function value(text: string, variables: Record<string, unknown> = {}, timeZone?: string): unknown {
  const result = run(text, variables, timeZone);
  if (!result.ok) throw new Error(`${text}: ${result.message}`);
  return result.value;
}

describe('the forms seen in call flows', () => {
  test('assignment values', () => {
    expect(value('$callerNo', { callerNo: '+19495550102' })).toBe('+19495550102');
    expect(value('12')).toBe(12);
    expect(value('00')).toBe(0);
    expect(value('08')).toBe(8);
    expect(value('09')).toBe(9);
    expect(value('010')).toBe(8);
    expect(value("'+19495550102'")).toBe('+19495550102');
    expect(value('+19495550102')).toBe(19_495_550_102);
    expect(value("['+A','+B']")).toEqual(['+A', '+B']);
    expect(value('+(new Date().setUTCHours($h, $m))', { h: 12, m: 30 })).toBe(Date.UTC(2026, 0, 15, 12, 30, 30, 400));
  });

  test('conditions with mixed operators', () => {
    const text = "$keyPresses == '1' && $sessionData.gender == 'male' || $sessionData.age > 21";
    expect(value(text, { keyPresses: '1', sessionData: { gender: 'male', age: 3 } })).toBe(true);
    expect(value(text, { keyPresses: '2', sessionData: { gender: 'male', age: 22 } })).toBe(true);
    expect(value(text, { keyPresses: '2', sessionData: { gender: 'male', age: 21 } })).toBe(false);
    expect(
      value('$startTime > $openTime && $startTime < $closeTime', { startTime: 5, openTime: 1, closeTime: 9 }),
    ).toBe(true);
  });

  test('coercion as in JavaScript', () => {
    expect(value('$k == 37', { k: '37' })).toBe(true);
    expect(value('$k < 50', { k: '9' })).toBe(true);
    expect(value('$k < 50', { k: '' })).toBe(true);
    expect(value('$k > 21', { k: '19' })).toBe(false);
    expect(value('"9" < "50"')).toBe(false);
  });

  test('a missing variable is undefined and never an error', () => {
    expect(value("$nothing == 'x'")).toBe(false);
    expect(value('$nothing < 5')).toBe(false);
    expect(value("$nothing != 'x'")).toBe(true);
    expect(value('$nothing == null')).toBe(true);
    expect(value("$sessionData.gender != 'male'", { sessionData: null })).toBe(true);
    expect(value('$sessionData.a.b.c', { sessionData: {} })).toBeUndefined();
    expect(value('typeof $nothing')).toBe('undefined');
  });
});

test('literals, arrays, objects, templates', () => {
  expect(value('[1, "a", true, null, , undefined, ...$list]', { list: [2, 3] })).toEqual([
    1,
    'a',
    true,
    null,
    null,
    null,
    2,
    3,
  ]);
  expect(value('({ a: 1, "b": [2], [$k]: 3, ...$more })', { k: 'c', more: { d: 4 } })).toEqual({
    a: 1,
    b: [2],
    c: 3,
    d: 4,
  });
  expect(value('`${$a} and ${1 + 1}`', { a: 'x' })).toBe('x and 2');
  expect(value('NaN')).toBeNaN();
  expect(value('-Infinity')).toBe(Number.NEGATIVE_INFINITY);
  expect(value('$a;', { a: 1 })).toBe(1);
  expect(value('(1, 2, 3)'.replaceAll(', ', ' + '))).toBe(6);
});

test('optional chaining ends where nothing is found', () => {
  expect(value('$a?.b.trim().length')).toBeUndefined();
  expect(value('$a?.["b"]?.trim()', { a: { b: ' x ' } })).toBe('x');
  expect(value('typeof $a?.b')).toBe('undefined');
  expect(value('($a?.b ?? 5) + 1')).toBe(6);
});

test('methods of strings', () => {
  expect(value("$t.trim().toUpperCase().replace('A', '-')", { t: ' abA ' })).toBe('-BA');
  expect(value("$t.replaceAll('a', '<$&>')", { t: 'aba' })).toBe('<a>b<a>');
  expect(value("$t.split(',').length", { t: 'a,b,c' })).toBe(3);
  expect(value("'+1949'.slice(-2) + '+1949'.substr(1, 2) + '+1949'.substring(3, 1) + 'abc'[1] + 'abc'.at(-1)")).toBe(
    '4919' + '19' + 'bc',
  );
  expect(value("'5'.padStart(3, '0').repeat(2)")).toBe('005005');
  expect(value("['startsWith','a'].includes('a') && $n.startsWith('+1') && $n.endsWith('9')", { n: '+199' })).toBe(
    true,
  );
  expect(value("String(12.5).indexOf('.')")).toBe(2);
});

test('methods of arrays, with arrow functions, leave the array as it was', () => {
  const list = [3, 1, 2];
  expect(value('$l.sort()', { l: list })).toEqual([1, 2, 3]);
  expect(value('$l.reverse()', { l: list })).toEqual([2, 1, 3]);
  expect(list).toEqual([3, 1, 2]);
  expect(value('$l.map(x => x * 2).filter(x => x > 2).reduce((sum, x) => sum + x, 0)', { l: list })).toBe(10);
  expect(value('$l.some(x => $l.every(y => y <= x))', { l: list })).toBe(true);
  expect(value('$l.find((x, i) => i === 2)', { l: list })).toBe(2);
  expect(value('["1", "2"].map(Number)')).toEqual([1, 2]);
  expect(value('[[1, [2]], 3].flat(9).join("-")')).toBe('1-2-3');
  expect(value('[10, 9, 1, undefined].sort()')).toEqual([1, 10, 9, null]);
  expect(value('Math.max(...$l)', { l: list })).toBe(3);
});

test('globals', () => {
  expect(value("parseInt('12px') + parseFloat('1.5') + Number('2')")).toBe(15.5);
  expect(value("isNaN('x') && !isNaN('4') && Number.isInteger(4) && Array.isArray([])")).toBe(true);
  expect(value('JSON.parse(JSON.stringify({ a: [1, null, "x"], d: new Date(0), u: undefined }))')).toEqual({
    a: [1, null, 'x'],
    d: '1970-01-01T00:00:00.000Z',
  });
  expect(value('Object.keys($o).length + Object.values($o)[0] + Object.entries($o)[0][1]', { o: { a: 5 } })).toBe(11);
  expect(value('Math.floor(Math.random() * 8) + Math.round(Math.PI)')).toBe(5);
  expect(value("'a' in $o && !('toString' in $o) && $o.hasOwnProperty('a')", { o: { a: 1 } })).toBe(true);
});

describe('dates', () => {
  test('read the time of the scope', () => {
    expect(value('Date.now()')).toBe(NOW_MS);
    expect(value('new Date()')).toBe(NOW_MS);
    expect(value('new Date().toISOString()')).toBe('2026-01-15T10:20:30.400Z');
    expect(value('{ "a": [new Date(5)] }'.replace(/^/, '(').concat(')'))).toEqual({ a: [5] });
  });

  test('local methods work in UTC unless a zone is given', () => {
    expect(value('new Date().getHours()')).toBe(10);
    expect(value('new Date(2026, 5, 1).getTime()')).toBe(Date.UTC(2026, 5, 1));
    expect(value('String(new Date(0))')).toBe('Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)');
    expect(value('new Date().getHours()', {}, 'America/New_York')).toBe(5);
    expect(value('new Date().getTimezoneOffset()', {}, 'America/New_York')).toBe(300);
    expect(value('new Date(2026, 6, 1, 12).toISOString()', {}, 'America/New_York')).toBe('2026-07-01T16:00:00.000Z');
    expect(value('new Date(new Date().setHours(9, 0, 0, 0)).toISOString()', {}, 'Asia/Kolkata')).toBe(
      '2026-01-15T03:30:00.000Z',
    );
    expect(value('new Date(0) + ""', {}, 'Asia/Kolkata')).toBe('Thu Jan 01 1970 05:30:00 GMT+0530 (Asia/Kolkata)');
  });

  test('texts without a zone are read in the zone of the scope', () => {
    const noon = Date.UTC(2026, 0, 15, 12);
    for (const text of [
      '2026-01-15T12:00',
      '2026-01-15 12:00:00',
      'Jan 15, 2026 12:00',
      '2026-01-15T12:00:00Z',
      '2026-01-15T14:00+02:00',
    ]) {
      expect(value('new Date($t).getTime()', { t: text })).toBe(noon);
    }
    expect(value('new Date("2026-01-15")')).toBe(Date.UTC(2026, 0, 15));
    expect(value('Date.parse("2026-01-15T12:00")', {}, 'America/New_York')).toBe(Date.UTC(2026, 0, 15, 17));
    expect(value('isNaN(new Date("soon"))')).toBe(true);
  });

  test('hours that the clocks skip or repeat are read as in JavaScript', () => {
    const iso = (text: string) => value('new Date($t).toISOString()', { t: text }, 'America/New_York');
    expect(iso('2026-03-08T02:30')).toBe('2026-03-08T07:30:00.000Z');
    expect(iso('2026-11-01T01:30')).toBe('2026-11-01T05:30:00.000Z');
    expect(iso('2026-11-01T02:30')).toBe('2026-11-01T07:30:00.000Z');
  });

  test('compare and subtract as numbers', () => {
    expect(value('new Date() - new Date(0)')).toBe(NOW_MS);
    expect(value('new Date(1) < new Date(2)')).toBe(true);
    expect(value('new Date("x").getHours()')).toBeNaN();
  });

  test('texts for a language and a zone', () => {
    expect(value('new Date().toLocaleString()')).toBe(new Date(NOW_MS).toLocaleString('en-US', { timeZone: 'UTC' }));
    const inNewYork = "{ timeZone: 'America/New_York', hour: '2-digit', minute: '2-digit' }";
    expect(value(`new Date('2026-01-02T14:30Z').toLocaleTimeString('en-GB', ${inNewYork})`)).toBe('09:30');
    expect(value(`new Date('2026-07-02T14:30Z').toLocaleTimeString('en-GB', ${inNewYork})`)).toBe('10:30');
    expect(
      value(`new Date('2026-07-02T01:30Z').toLocaleDateString('en-US', { timeZone: $z, weekday: 'long' })`, {
        z: 'America/New_York',
      }),
    ).toBe('Wednesday');
    expect(
      value(
        `new Date('2026-07-02T01:30Z').toLocaleTimeString('de', { hour: 'numeric', hour12: false })`,
        {},
        'Asia/Tokyo',
      ),
    ).toBe('10 Uhr');
    expect(value(`new Date('x').toLocaleString()`)).toBe('Invalid Date');
    for (const [args, message] of [
      ["'en-US', { timeZone: 'Mars/Olympus' }", 'toLocaleString: Invalid time zone specified: Mars/Olympus'],
      ["'no language at all'", 'toLocaleString: Incorrect locale information provided'],
      [
        "'en-US', { hour: 'many' }",
        'toLocaleString: Value many out of range for Date.prototype.toLocaleString options property hour',
      ],
    ]) {
      expect(run(`new Date().toLocaleString(${args})`)).toMatchObject({ ok: false, message });
    }
    expect(run("'x'.repeat(1000).split('').map(() => new Date().toLocaleString())").ok).toBe(false);
  });

  test('an unknown zone is named', () => {
    expect(run('new Date().getHours()', {}, 'Mars/Olympus')).toEqual({
      ok: false,
      message: '"Mars/Olympus" is not a time zone; use an IANA name such as America/New_York',
    });
  });
});

test('what is not taken is named, with its column', () => {
  const refusals: [string, number, RegExp][] = [
    ['', 1, /empty/],
    ['$a = 1', 1, /write "=="/],
    ['1 + foo', 5, /"foo" is not known; .*\$foo/],
    ['$a && /x+/ ', 7, /regular expressions/],
    ['$a.match("x")', 4, /"match" is not available/],
    ['Math.foo(1)', 6, /Math has: .*floor/],
    ['alert(1)', 1, /functions: .*parseInt/],
    ['$f(1)', 1, /not a function/],
    ['new Array(5)', 1, /new Date/],
    ['$a[$b]()', 4, /written out/],
    ['function () {}', 1, /functions are not allowed/],
    ['x => x', 1, /arrow function/],
    ['[1].map(x => { return x })', 14, /no braces/],
    ['this.a', 1, /"this"/],
    ['1, 2', 1, /comma/],
    ['$a++', 1, /"\+\+"/],
    ['delete $a.b', 1, /"delete"/],
    ['$a instanceof Date', 1, /"instanceof"/],
    ['10n', 1, /big integers/],
    ['({ __proto__: $a })', 4, /__proto__/],
    ['({ get a() { return 1 } })', 4, /getters/],
    ['1 2', 3, /"2" stands behind a value/],
    ['(1', 3, /"\(" in column 1 is not closed/],
    ['import("fs")', 1, /import/],
    ['$a == "x', 7, /the text that begins with " has no end/],
  ];
  for (const [text, column, message] of refusals) {
    const compiled = compileExpression(text);
    expect(compiled, text).toMatchObject({ ok: false, column });
    expect(compiled.ok ? '' : compiled.message).toMatch(message);
  }
});

test('the variables an expression reads', () => {
  const compiled = compileExpression('$a.b["c"][0] + $d[$e.f].g + $h.trim() + [1].map(x => x + $i?.j)[0] + `${$k}`');
  expect(compiled.ok && variablesOf(compiled.expression)).toEqual([
    ['a', 'b', 'c', '0'],
    ['d'],
    ['e', 'f'],
    ['h'],
    ['i', 'j'],
    ['k'],
  ]);
});

test('results are copies: changing one changes no variable', () => {
  const list = [{ a: 1 }];
  const copy = value('$l', { l: list }) as { a: number }[];
  expect(copy).toEqual(list);
  expect(copy[0]).not.toBe(list[0]);
});
