import { type Expression, parseExpressionAt, tokenizer } from 'acorn';
import { type SyntaxFault, syntaxFault, unexpectedAt } from './syntax-fault.ts';

/** A text that is not an expression we take; `column` counts from 1. */
export class ExpressionRefused extends Error {
  override name = 'ExpressionRefused';
  readonly column: number;

  constructor(message: string, offset: number) {
    super(message);
    this.column = offset + 1;
  }
}

/** Longest text of an expression, in UTF-16 units. */
const MAX_SOURCE_LENGTH = 10_000;

const OPTIONS = { ecmaVersion: 2024, sourceType: 'script', preserveParens: true } as const;

/** The syntax tree of one JavaScript expression (sloppy mode, so `010` is 8); a semicolon at its end is allowed. */
export function parse(text: string): Expression {
  if (text.length > MAX_SOURCE_LENGTH) {
    throw new ExpressionRefused(
      `the expression is longer than ${MAX_SOURCE_LENGTH} characters; split it over several variables`,
      MAX_SOURCE_LENGTH,
    );
  }
  if (text.trim() === '') throw new ExpressionRefused('the expression is empty; write a value such as true', 0);
  const tree = guarded(text, 0, () => parseExpressionAt(text, 0, OPTIONS));
  const end = tree.end + (/^\s*;\s*/.exec(text.slice(tree.end))?.[0].length ?? 0);
  const next = guarded(text, end, () => tokenizer(text.slice(end), OPTIONS).getToken());
  if (next.type.label === 'eof') return tree;
  throw refused(unexpectedAt(text, tree.end));
}

/** @param start offset of what is parsed in the text */
function guarded<T>(text: string, start: number, parsing: () => T): T {
  try {
    return parsing();
  } catch (error) {
    if (error instanceof SyntaxError) {
      const offset = start + ((error as SyntaxError & { pos?: number }).pos ?? 0);
      throw refused(syntaxFault(text, error.message.replace(/ \(\d+:\d+\)$/, ''), offset));
    }
    if (error instanceof RangeError)
      throw new ExpressionRefused('the expression is nested too deeply; split it over several variables', 0);
    throw error;
  }
}

function refused({ message, offset }: SyntaxFault): ExpressionRefused {
  return new ExpressionRefused(message, offset);
}
