import type { Expression, MemberExpression } from 'acorn';
import { toKey } from './coercion.ts';
import { type Compilation, refuse } from './compilation.ts';
import type { Code } from './frame.ts';
import { constantOf } from './globals.ts';
import { propertyOf } from './property.ts';

/** What the rest of an optional chain gives once a `?.` has found nothing. Never leaves the chain. */
export const SHORT = Symbol('short-circuited');

/** The end of an optional chain. */
export function unlessShort(code: Code): Code {
  return (frame) => {
    const value = code(frame);
    return value === SHORT ? undefined : value;
  };
}

/** The key of a member where the text alone tells it: `.a`, `['a']`, `[0]`. */
export function fixedKey(node: MemberExpression): string | null {
  if (node.property.type === 'PrivateIdentifier')
    return refuse(node.property, 'names with "#" are not allowed; leave out the "#"');
  if (!node.computed && node.property.type === 'Identifier') return node.property.name;
  if (node.property.type === 'Literal') {
    const { value } = node.property;
    if (typeof value === 'string' || typeof value === 'number') return String(value);
  }
  return null;
}

export function compileMember(node: MemberExpression, c: Compilation): Code {
  const key = fixedKey(node);
  if (node.object.type === 'Super') return refuse(node, '"super" is not allowed; variables begin with $');
  if (node.object.type === 'Identifier' && key !== null) {
    const constant = constantOf(node.object.name, key);
    if (constant !== undefined) return () => constant;
  }
  const variablesBefore = c.variables.length;
  const object = c.compile(node.object);
  if (key === null) return compileComputed(node, object, c);
  // The object's own path was the last one noted: `$a.b` reads a.b, not a.
  const path = isPath(node.object) && c.variables.length === variablesBefore + 1 ? c.variables.at(-1) : undefined;
  path?.push(key);
  const short = node.optional ? SHORT : undefined;
  return (frame) => {
    const value = object(frame);
    if (value === undefined || value === null) return short;
    return value === SHORT ? SHORT : propertyOf(value, key);
  };
}

function compileComputed(node: MemberExpression, object: Code, c: Compilation): Code {
  const property = c.compile(node.property as Expression);
  const short = node.optional ? SHORT : undefined;
  return (frame) => {
    const value = object(frame);
    if (value === undefined || value === null) return short;
    return value === SHORT ? SHORT : propertyOf(value, toKey(property(frame), frame));
  };
}

/** Whether a node is a variable, or a fixed member of one. */
function isPath(node: Expression): boolean {
  let inner = node;
  while (inner.type === 'MemberExpression') {
    if (inner.object.type === 'Super' || fixedKey(inner) === null) return false;
    inner = inner.object;
  }
  return inner.type === 'Identifier' && inner.name.startsWith('$');
}
