import type { Expression, Node, SpreadElement } from 'acorn';
import type { Code, Frame } from './frame.ts';
import { ExpressionRefused } from './parse.ts';

/** What the compiling of one expression shares between its parts. */
export interface Compilation {
  compile(node: Expression): Code;
  /** Arrow parameters in sight, innermost last, with their slots in {@link Frame.locals}. */
  readonly parameters: Map<string, number>[];
  /** Slots given out so far. */
  slots: number;
  /** Nodes compiled so far: the price of one run of a callback. */
  nodes: number;
  readonly variables: string[][];
}

export function refuse(node: Node, message: string): never {
  throw new ExpressionRefused(message, node.start);
}

const LONGEST_NAME = 40;

/** A name of the expression, for a message that is no longer than can be read. */
export function clipped(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}

/** Elements of an array or a call, spreads included, as one piece of code. */
export function compileList(
  list: readonly (Expression | SpreadElement | null)[],
  c: Compilation,
): (frame: Frame) => unknown[] {
  const parts = list.map((element) => {
    if (element === null) return { spread: false, code: () => undefined };
    return element.type === 'SpreadElement'
      ? { spread: true, code: c.compile(element.argument) }
      : { spread: false, code: c.compile(element) };
  });
  if (!parts.some((part) => part.spread)) {
    const codes: Code[] = parts.map((part) => part.code);
    return (frame) => {
      const values: unknown[] = new Array(codes.length);
      for (let i = 0; i < codes.length; i++) values[i] = codes[i]?.(frame);
      return values;
    };
  }
  return (frame) => {
    const values: unknown[] = [];
    for (const part of parts) {
      const value = part.code(frame);
      if (part.spread) spreadInto(values, value, frame);
      else values.push(value);
    }
    return frame.array(values);
  };
}

function spreadInto(values: unknown[], value: unknown, frame: Frame): void {
  if (typeof value !== 'string' && !Array.isArray(value)) {
    throw new TypeError('only an array or a string can be spread with "..." here');
  }
  frame.charge(value.length);
  for (const element of value) values.push(element);
}
