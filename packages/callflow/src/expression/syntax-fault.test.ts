import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileExpression } from './expression.ts';

function refusal(text: string): [number, string] {
  const compiled = compileExpression(text);
  if (compiled.ok) throw new Error(`${text} was taken`);
  return [compiled.column, compiled.message];
}

describe('what is wrong in an expression, where, and what to write', () => {
  test.each<[string, number, string]>([
    ['$a ==', 6, `the expression ends behind "=="; write a value there`],
    ['$a == == 1', 7, 'a value is missing between "==" and "=="; write one'],
    ['== 1', 1, 'the expression begins with "=="; write a value before it'],
    ['($a == 1', 9, '"(" in column 1 is not closed; write ")"'],
    ["$list['('", 10, '"[" in column 6 is not closed; write "]"'],
    ['$a == 1)', 8, '")" closes nothing; leave it out'],
    ['[1, (2]', 7, '"]" does not close the "(" in column 5; write ")"'],
    ['max(1,)+)', 9, '")" closes nothing; leave it out'],
    ['($a ==)', 7, 'a value is missing between "==" and ")"; write one'],
    ['$a ? 1', 7, '"?" without ":"; write condition ? value : otherwise'],
    ["$a == '1", 7, `the text that begins with ' has no end; write ' behind it`],
    ["$a == '1\n'", 7, 'has no end on the same line; write \\n'],
    ["'it's'", 5, `"s'" stands behind the end of a text; write a quote inside it as \\'`],
    ['$a == “1”', 7, '“ is a quote of printed text; write'],
    ['$a – 1', 4, '– is a dash; write "-"'],
    ['$a ≠ 1', 4, '"≠" is no operator; write !='],
    ['$a == 1 \u200b', 9, 'U+200B means nothing here; leave it out'],
    ['@a', 1, '"@" means nothing here; leave it out'],
    ['#a', 1, '"#a" means nothing here; write a value'],
    ['$a and $b', 4, '"and" is not known here; write "&&"'],
    ['$a AND $b == 1', 4, '"AND" is not known here; write "&&"'],
    ['not $a', 1, '"not" is not known here; write "!"'],
    ["$a contains 'x'", 4, `"contains" is not known here; write $text.includes('part')`],
    ['$a <> 1', 4, 'there is no "<>"; write "!="'],
    ['$a =< 1', 4, 'there is no "=<"; write "<="'],
    ['$a => 1', 1, 'to compare, write ">="'],
    ['$a->b', 3, 'there is no "->"; write "."'],
    ['$a..b', 3, 'there is no ".."; write one "."'],
    ['$a::b', 3, '"::" is not known here; write "."'],
    ['$a ! = 1', 4, 'a space parts "!" from "="; write "!="'],
    ['$a = = 1', 6, 'a space parts "=" from "="; write "=="'],
    ['$a & & $b', 6, 'a space parts "&" from "&"; write "&&"'],
    ['$a && $b = 1', 10, 'an assignment ("=") is not allowed inside an expression; to compare, write "=="'],
    ['${a} == 1', 2, 'braces around a variable are for texts; in an expression write the variable alone'],
    ['{{$a}} == 1', 2, 'braces around a variable are for texts'],
    ['`${}`', 4, 'nothing stands inside of ${}; write a value there'],
    ['`abc', 1, 'the text in backquotes has no end; write "`"'],
    ['$a b', 4, '"b" stands behind a value; write an operator'],
    ['...$a', 1, '"..." stands outside of brackets; write [...$list]'],
    ['return 1', 1, '"return" begins a statement; write a value only'],
    ['let x = 1', 5, '"let" begins a statement; write a value only'],
    ['$a; $b', 3, 'only one expression is taken; leave out'],
    ['1abc', 1, '"1abc" is no number; write digits'],
    ['$a == 0x', 7, '"0x" is no number; write digits'],
    ["'\\x1'", 2, 'the backslash begins an escape that is not complete; write'],
    ['$a == /b', 8, 'regular expressions are not allowed; use includes'],
    ['/* x', 1, 'the comment has no end; write "*/"'],
    ['$a || $b ?? 1', 10, '"??" beside "||" or "&&" is ambiguous; put one of them in parentheses'],
    ['$a.#b', 4, 'names with "#" are not allowed; leave out'],
    ['super.x', 1, '"super" is not allowed; variables begin with $'],
    ['$', 1, '"$" alone is no variable; write its name'],
    ['parseInt', 1, '"parseInt" is a function; write parseInt(…)'],
    ['Math', 1, '"Math" alone is no value; call a function of it'],
    ['$a.tirm()', 4, 'the method "tirm" is not available in expressions; write ".trim()"'],
    ['$a.foo()', 4, 'the method "foo" is not available in expressions; a text has trim'],
    ['(function(){})()', 1, 'only functions and methods can be called by their names; write them out'],
  ])('%s', (text, column, message) => {
    const [at, told] = refusal(text);
    expect(told).toContain(message);
    expect(at).toBe(column);
  });

  test('every refusal says in words of its own what is wrong, where, and after a semicolon what to do', () => {
    const pieces = [
      '$a',
      '==',
      '=',
      "'",
      '"',
      '`',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '1',
      ' ',
      '.',
      '!',
      'and',
      '\\',
      '?',
      '${',
      '“',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const compiled = compileExpression(text);
        if (compiled.ok) return;
        expect(compiled.column).toBeGreaterThanOrEqual(1);
        expect(compiled.column).toBeLessThanOrEqual(text.length + 1);
        expect(compiled.message).not.toMatch(/unexpected|unterminated|undefined/i);
        expect(compiled.message).toMatch(/; ./);
        expect(compiled.message.length).toBeLessThan(200);
      }),
      { numRuns: 2_000 },
    );
  });

  test('long texts are no work', () => {
    const startedMs = performance.now();
    for (const text of [
      'a'.repeat(9_999),
      `${'a'.repeat(9_990)} (`,
      `${'='.repeat(9_990)} (`,
      '('.repeat(9_999),
      `1${'a'.repeat(9_990)}`,
    ]) {
      expect(refusal(text)[1].length).toBeLessThan(300);
    }
    expect(performance.now() - startedMs).toBeLessThan(500);
  });
});
