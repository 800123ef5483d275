import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileExpression, evaluate } from './expression.ts';

/** JavaScript itself, sloppy mode, as the oracle. */
function javascript(text: string, a: unknown, b: unknown): unknown {
  return new Function('$a', '$b', `return (${text}\n)`)(a, b);
}

function ours(text: string, a: unknown, b: unknown): unknown {
  const compiled = compileExpression(text);
  if (!compiled.ok) throw new Error(`${text}: ${compiled.message}`);
  const result = evaluate(compiled.expression, {
    lookup: (name) => (name === 'a' ? a : name === 'b' ? b : undefined),
    nowMs: 0,
    random: () => 0,
  });
  if (!result.ok) throw new Error(`${text}: ${result.message}`);
  return result.value;
}

const text = fc.oneof(
  fc.constantFrom('', ' ', '0', '00', '37', '-1', '1e3', '0x10', ' 12 ', 'abc', 'true', 'null', 'NaN', '1,2', '+1949'),
  // Numbers as texts that are none everywhere, letters of two units, those that change their length, names of prototypes.
  fc.constantFrom(
    '-0',
    '.5',
    '5.',
    '0b11',
    '0o17',
    '1_000',
    'Infinity',
    '-Infinity',
    '1e999',
    '\u00a07\ufeff',
    '\u0663',
  ),
  fc.constantFrom(
    'é',
    'e\u0301',
    'ß',
    'İ',
    '😀a',
    '\ud800',
    'ﬁ',
    'Ω,ω',
    '2026-01-02T03:04:05Z',
    '2026-01-02',
    '+012026-01-02',
  ),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'length', '0.0', '[object Object]'),
  fc.string({ maxLength: 6 }),
);
const primitive = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    true,
    false,
    0,
    -0,
    1,
    -1,
    37,
    0.5,
    2 ** 31,
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ),
  fc.integer(),
  fc.double(),
  text,
);
const operand = fc.oneof(
  { weight: 4, arbitrary: primitive },
  { weight: 1, arbitrary: fc.array(fc.oneof(primitive, fc.array(primitive, { maxLength: 2 })), { maxLength: 3 }) },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.constantFrom('a', 'b', 'x y'), primitive, { maxKeys: 2, noNullPrototype: true }),
  },
);

const BINARY = [
  '==',
  '!=',
  '===',
  '!==',
  '<',
  '<=',
  '>',
  '>=',
  '+',
  '-',
  '*',
  '/',
  '%',
  '**',
  '|',
  '&',
  '^',
  '<<',
  '>>',
  '>>>',
];
const SHAPES = [
  ...BINARY.map((operator) => `$a ${operator} $b`),
  ...['+', '-', '!', '~', 'typeof '].map((operator) => `${operator}$a`),
  '[$a] == $b',
  '$a == [$b]',
  '[$a, $b] + ""',
  '!!($a && $b)',
  '!!($a || $b)',
  '($a ?? $b) === $b',
  '$a ? 1 : 2',
  'String($a)',
  'Number($a)',
  'Boolean($a)',
  'parseInt($a)',
  'parseInt($a, $b)',
  'parseFloat($a)',
  'isNaN($a)',
  'isFinite($a)',
  'Math.max($a, $b)',
  'Math.round($a)',
  'Math.sign($a)',
  'JSON.stringify($a)',
  '`${$a}-${$b}`',
  '[$b, $a].join($a)',
  '[$a, $b, 1, "x"].sort().join()',
  '[$a].includes($b)',
  '[$a].indexOf($b)',
  'new Date(NaN) == $a',
  'new Date(0) < $a',
  'new Date(0).getTime() - $a',
  'new Date(Date.UTC(2026, 1, 28)).toISOString() < $a',
  '[$a, [$b]] == $a',
  '[[$a]] == $b',
  '({ a: $a }).a == $b',
  '({ a: { b: [$a] } }).a.b[0] === $a',
  'Date.UTC($a, $b)',
  'new Date(0).setUTCHours($a, $b)',
  'Array.isArray($a)',
  'Number.isInteger($a)',
];

test.each(SHAPES)('%s is what JavaScript says', (shape) => {
  fc.assert(
    fc.property(operand, operand, (a, b) => {
      const value = javascript(shape, a, b);
      expect(ours(shape, a, b)).toEqual(value);
    }),
    { numRuns: 150, seed: 7 },
  );
});

const STRING_SHAPES = [
  '$a.slice($b)',
  '$a.substring($b)',
  '$a.substr($b, 2)',
  '$a.substr($b)',
  '$a.at($b)',
  '$a.charAt($b)',
  '$a.charCodeAt($b)',
  '$a.codePointAt($b)',
  '$a.indexOf($b)',
  '$a.lastIndexOf($b)',
  '$a.includes($b)',
  '$a.startsWith($b)',
  '$a.endsWith($b)',
  '$a.split($b)',
  '$a.split("", $b)',
  '$a.replace($b, "-")',
  '$a.replaceAll("1", "[$&]")',
  '$a.concat($b)',
  '$a.padStart(8, $b)',
  '$a.padEnd(8, $b)',
  '$a.toUpperCase() + $a.trim().length',
  '$a[$b]',
  '$a.length',
];

test.each(STRING_SHAPES)('%s of a string is what JavaScript says', (shape) => {
  fc.assert(
    fc.property(text, operand, (a, b) => {
      // A name such as "at" would find the method itself in JavaScript, "__proto__" what all texts come from.
      if (shape === '$a[$b]' && String(b) in String.prototype && String(b) !== 'length') {
        expect(ours(shape, a, b)).toBeUndefined();
        return;
      }
      expect(ours(shape, a, b)).toEqual(javascript(shape, a, b));
    }),
    { numRuns: 150, seed: 11 },
  );
});

const leaf = fc.oneof(
  fc.constantFrom(
    '1',
    '0',
    '007',
    '08',
    '.5',
    '1e3',
    '0x1f',
    "'37'",
    '"a"',
    "''",
    'true',
    'false',
    'null',
    'undefined',
    'NaN',
    '[]',
    '[1]',
    '$a',
    '$b',
  ),
  fc.nat().map(String),
);
const { source } = fc.letrec<{ source: string }>((tie) => ({
  source: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc
      .tuple(tie('source'), fc.constantFrom(...BINARY.filter((o) => o !== '**'), '&&', '||'), tie('source'))
      .map((parts) => parts.join(' ')),
    fc.tuple(fc.constantFrom('!', '-', '+', '~', 'typeof '), tie('source')).map(([o, s]) => `${o}(${s})`),
    fc.tuple(tie('source'), tie('source'), tie('source')).map(([t, x, y]) => `(${t} ? ${x} : ${y})`),
    fc.tuple(tie('source'), tie('source')).map(([x, y]) => `[${x}, ${y}].length + String(${y})`),
  ),
}));

test('whole expressions, precedence included, are what JavaScript says', () => {
  fc.assert(
    fc.property(source, primitive, primitive, (expression, a, b) => {
      expect(ours(`String(${expression})`, a, b)).toEqual(javascript(`String(${expression})`, a, b));
    }),
    { numRuns: 1_500, seed: 3 },
  );
});

test('any text at all is compiled and run without a throw', () => {
  const token = fc.constantFrom(
    ...'$a $b ( ) [ ] { } . ?. ... , : ; = == => + - ! `${ } ` " \' 1 0x 1n / \\ # @ new Date( Math. .map(x => constructor __proto__ in typeof async await'.split(
      ' ',
    ),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(token, { maxLength: 12 }).map((tokens) => tokens.join('')),
      ),
      (anything) => {
        const compiled = compileExpression(anything);
        if (compiled.ok) evaluate(compiled.expression, { lookup: () => ({ a: ['x', 1] }), nowMs: 0, random: () => 0 });
        else expect(compiled.column).toBeGreaterThan(0);
      },
    ),
    { numRuns: 3_000, seed: 5 },
  );
});
