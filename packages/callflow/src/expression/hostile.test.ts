import { describe, expect, test } from 'vitest';
import { compileExpression, type ExpressionLimits, evaluate } from './expression.ts';

function outcome(text: string, variables: Record<string, unknown> = {}, limits: Partial<ExpressionLimits> = {}) {
  const compiled = compileExpression(text);
  if (!compiled.ok) return compiled;
  return evaluate(
    compiled.expression,
    { lookup: (name) => (Object.hasOwn(variables, name) ? variables[name] : undefined), nowMs: 0, random: () => 0 },
    limits,
  );
}

describe('prototypes are out of reach', () => {
  test.each([
    '$o.constructor',
    '$o["constructor"]',
    '$o["con" + "structor"]',
    '$o[["constructor"]]',
    '$o.__proto__',
    '$o["__proto__"].polluted',
    '$o.prototype',
    '"".constructor',
    '"".constructor.constructor',
    '[].constructor',
    '(1).constructor',
    '$o.toString',
    '[].map',
    '"".length.constructor',
    '$o.hasOwnProperty',
    '$__proto__',
    '$constructor',
    '[1].map(x => x.constructor)[0]?.name',
    'Object.values(Object.entries({ a: 1 })[0].constructor ?? {})[0]',
    'new Date().constructor',
  ])('%s is undefined or null', (text) => {
    const result = outcome(text, { o: { a: 1 } });
    expect(result).toMatchObject({ ok: true });
    expect((result as { value: unknown }).value ?? undefined).toBeUndefined();
  });

  test.each([
    '$o.constructor.constructor("return process")()',
    '"".sub.constructor("return 1")()',
    'Math.constructor("x")',
    'globalThis',
    'process.exit()',
    'require("fs")',
    'eval("1")',
    'Function("return 1")()',
    '$o.__defineGetter__("a", x => 1)',
    '$o.valueOf.call($o)',
    'Object.assign($o, { a: 2 })',
    'Object.getPrototypeOf($o)',
    'Array.from({ length: 1e9 })',
    '[].push(1)',
    'Reflect.get($o, "a")',
    'Math',
    'Object',
  ])('%s does not compile', (text) => {
    expect(outcome(text, { o: {} })).toHaveProperty('column');
  });

  test('keys of data that JavaScript would call have no say', () => {
    const o = JSON.parse(
      '{ "toString": 1, "valueOf": "x", "toJSON": {}, "__proto__": { "a": 1 }, "length": 9, "constructor": 2 }',
    );
    expect(outcome('$o + ""', { o })).toEqual({ ok: true, value: '[object Object]' });
    expect(outcome('$o == 5', { o })).toEqual({ ok: true, value: false });
    expect(outcome('$o.a', { o })).toEqual({ ok: true, value: undefined });
    expect(outcome('JSON.stringify($o).length > 10', { o })).toEqual({ ok: true, value: true });
    const copied = outcome('({ ...$o })', { o }) as { value: object };
    expect(Object.getPrototypeOf(copied.value)).toBe(Object.prototype);
    expect(Object.keys(copied.value)).not.toContain('__proto__');
    expect(outcome('JSON.parse($t).polluted', { t: '{"__proto__":{"polluted":1}}' })).toEqual({
      ok: true,
      value: undefined,
    });
    expect(outcome('({ ["__proto__"]: { polluted: 1 } }).polluted')).toEqual({ ok: true, value: undefined });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('functions, symbols and throwing getters of a careless scope', () => {
    const hostile = {
      f: () => 1,
      s: Symbol('s'),
      b: 10n,
      o: { f: () => 1 },
      get g() {
        throw new Error('caught');
      },
    };
    expect(outcome('$f', hostile)).toEqual({ ok: true, value: undefined });
    expect(outcome('$s', hostile)).toEqual({ ok: true, value: undefined });
    expect(outcome('$b', hostile)).toEqual({ ok: true, value: undefined });
    expect(outcome('$o.f', hostile)).toEqual({ ok: true, value: undefined });
    expect(outcome('$g', hostile)).toEqual({ ok: false, message: 'caught' });
  });
});

describe('work and size have limits', () => {
  const list = Array.from({ length: 10_000 }, (_, i) => i);
  test.each([
    ['"x".repeat(1e9)', /longer than 65536 characters/],
    ['"x".repeat(60000) + "y".repeat(60000)', /longer than/],
    ['"x".padStart(1e9)', /longer than/],
    ['"x".repeat(60000).replaceAll("", "y".repeat(60000))', /longer than/],
    ['"x".repeat(60000).replaceAll("x", "$`$`")', /longer than/],
    ['[1, 2, 3, 4, 5, 6, 7, 8, 9].reduce((t, x) => t + t, "0123456789".repeat(1000))', /longer than/],
    ['$l.map(x => $l)', /steps/],
    ['JSON.stringify($l.map(x => $l))', /longer than|steps/],
    ['String($l.map(x => $l))', /longer than|steps/],
    ['$l.map(x => $l).flat()', /more than 10000 elements|steps/],
    ['$l.map(x => $t + x)', /steps/],
    ['$t.lastIndexOf("x".repeat(30000) + "y")', /steps/],
    ['$t.includes("y" + "x".repeat(30000))', /steps/],
    ['$t.split("y" + "x".repeat(30000))', /steps/],
    ['$l.some(x => $t == 1)', /steps/],
    ['$l.some(x => $t < 1)', /steps/],
    ['$l.some(x => parseFloat($t) == 1)', /steps/],
    ['$l.map(x => $t)', /steps/],
    ['$l.map(x => $t.toUpperCase())', /steps/],
    [`[].concat(${'$l,'.repeat(2_000)})`, /steps/],
    ['$l.some(x => $l.some(y => $l.some(z => false)))', /steps/],
    ['[...$l, ...$l]', /more than 10000 elements/],
    ['$l.concat($l)', /more than 10000 elements/],
    ['"x,".repeat(20000).split(",")', /more than 10000 elements/],
    ['JSON.parse($deep)', /nested/],
    ['(1).toFixed(1000)', /toFixed/],
    ['"x".repeat(-1)', /Invalid count/],
    ['encodeURIComponent("\\ud800")', /URI/],
    ['[].reduce((a, b) => a)', /Reduce of empty array/],
  ])('%s', (text, message) => {
    const deep = '['.repeat(5_000) + ']'.repeat(5_000);
    const result = outcome(text, { l: list, t: 'x'.repeat(60_000), deep });
    expect(result).toMatchObject({ ok: false });
    expect((result as { message: string }).message).toMatch(message);
  });

  test('limits can be set', () => {
    expect(outcome('[1, 2, 3].map(x => x)', {}, { maxSteps: 5 })).toMatchObject({ ok: false });
    expect(outcome('"a" + "b"', {}, { maxStringLength: 1 })).toMatchObject({ ok: false });
    expect(outcome('[..."abc"]', {}, { maxArrayLength: 2 })).toMatchObject({ ok: false });
  });

  test.each([
    `${'('.repeat(5_000)}1${')'.repeat(5_000)}`,
    `${'['.repeat(4_000)}`,
    `${'!'.repeat(9_000)}1`,
    `${'- '.repeat(4_900)}1`,
    `1${' ? 1'.repeat(1_500)}${' : 1'.repeat(1_500)}`,
    `$a${'.b'.repeat(4_000)}`,
    `$a${'[0]'.repeat(3_000)}`,
    `${'[1].map(x => '.repeat(700)}1${')'.repeat(700)}`,
    `1${' ** 1'.repeat(1_900)}`,
    `1 == ${'"'.repeat(9_000)}`,
    'x'.repeat(20_000),
    '`${'.repeat(2_000),
  ])('a text nested without end is refused (%#)', (text) => {
    expect(outcome(text)).toHaveProperty('column');
  });

  test('long flat chains are taken', () => {
    const text = Array.from({ length: 400 }, (_, i) => `$n == '${i}'`).join(' || ');
    expect(outcome(text, { n: '399' })).toEqual({ ok: true, value: true });
    expect(outcome(Array.from({ length: 2_000 }, () => '1').join(' + '))).toEqual({ ok: true, value: 2_000 });
  });

  test('data nested without end gives a message', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 50_000; i++) deep = [deep];
    for (const text of ['$d', '$d + ""', 'JSON.stringify($d)', '$d == 1', '$d.flat(1e9)', '$d > 1']) {
      expect(outcome(text, { d: deep })).toMatchObject({ ok: false, message: expect.stringMatching(/nested|steps/) });
    }
  });
});
