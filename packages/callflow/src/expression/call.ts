import type {
  ArrowFunctionExpression,
  CallExpression,
  Expression,
  MemberExpression,
  NewExpression,
  SpreadElement,
} from 'acorn';
import { type Compilation, clipped, compileList, refuse } from './compilation.ts';
import { makeDate } from './date-methods.ts';
import { type Callback, type Code, EvaluationError, type Frame } from './frame.ts';
import { type GlobalFunction, globalFunction, isNamespace, namesIn, namespaceFunction } from './globals.ts';
import { fixedKey, SHORT } from './member.ts';
import { type MethodFamily, methodOf, methodsNamed, nearestMethod, takesCallback } from './methods.ts';

export function compileCall(node: CallExpression, c: Compilation): Code {
  const { callee } = node;
  if (callee.type === 'MemberExpression') return compileMemberCall(node, callee, c);
  if (callee.type === 'Identifier') {
    const { name } = callee;
    const call = globalFunction(name);
    if (call !== undefined) return compileGlobalCall(call, node.arguments, c);
    if (name === 'Date') refuse(callee, 'write "new Date()" for a date or "Date.now()" for the time in milliseconds');
    refuse(
      callee,
      `"${clipped(name)}" is not a function that can be called here; functions: ${namesIn(null).join(', ')}`,
    );
  }
  return refuse(callee, 'only functions and methods can be called by their names; write them out, as in $text.trim()');
}

export function compileNew(node: NewExpression, c: Compilation): Code {
  if (node.callee.type !== 'Identifier' || node.callee.name !== 'Date')
    refuse(node, 'nothing but a date is made with "new"; write "new Date(…)"');
  return compileGlobalCall(makeDate, node.arguments, c);
}

function compileGlobalCall(call: GlobalFunction, list: (Expression | SpreadElement)[], c: Compilation): Code {
  const args = compileList(list, c);
  return (frame) => call(args(frame), frame);
}

function compileMemberCall(node: CallExpression, callee: MemberExpression, c: Compilation): Code {
  const name = fixedKey(callee);
  if (name === null) return refuse(callee.property, 'the name of a method must be written out, as in $text.trim()');
  const { object } = callee;
  if (object.type === 'Super') return refuse(object, '"super" is not allowed; variables begin with $');
  if (object.type === 'Identifier' && isNamespace(object.name)) {
    const call = namespaceFunction(object.name, name);
    if (call !== undefined) return compileGlobalCall(call, node.arguments, c);
    const names = namesIn(object.name).join(', ');
    refuse(callee.property, `"${object.name}.${clipped(name)}" is not available; ${object.name} has: ${names}`);
  }
  const methods = methodsNamed(name);
  if (methods === null)
    return refuse(callee.property, `the method "${clipped(name)}" is not available in expressions; ${insteadOf(name)}`);
  return callOnValue(name, methods, callee.optional, c.compile(object), compileArguments(node, name, c));
}

function callOnValue(
  name: string,
  methods: MethodFamily,
  optional: boolean,
  receiver: Code,
  args: (frame: Frame) => unknown[],
): Code {
  return (frame) => {
    const value = receiver(frame);
    if (value === SHORT) return SHORT;
    if (value === undefined || value === null) {
      if (optional) return SHORT;
      throw new EvaluationError(`.${name}() was called on ${value}; write "?.${name}()" if the value may be missing`);
    }
    const method = methodOf(methods, value);
    if (method === undefined) throw new EvaluationError(`.${name}() does not exist on ${kindOf(value)}`);
    return method(value, args(frame), frame);
  };
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Date) return 'a date';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function compileArguments(node: CallExpression, name: string, c: Compilation): (frame: Frame) => unknown[] {
  const [first, ...rest] = node.arguments;
  const callback = first !== undefined && takesCallback(name) ? compileCallback(first, c) : null;
  if (callback === null) return compileList(node.arguments, c);
  const others = compileList(rest, c);
  return (frame) => [callback(frame), ...others(frame)];
}

/** `x => …`, or the name of a global function; null when the argument is neither. */
function compileCallback(node: Expression | SpreadElement, c: Compilation): ((frame: Frame) => Callback) | null {
  if (node.type === 'ArrowFunctionExpression') return compileArrow(node, c);
  if (node.type !== 'Identifier') return null;
  const call = globalFunction(node.name);
  if (call === undefined) return null;
  return (frame) =>
    (...values) => {
      frame.charge(2);
      return call(values, frame);
    };
}

function compileArrow(node: ArrowFunctionExpression, c: Compilation): (frame: Frame) => Callback {
  if (node.async) refuse(node, 'async functions are not allowed; leave out "async"');
  if (node.body.type === 'BlockStatement') {
    refuse(node.body, 'an arrow function here has one expression and no braces, as in x => x.age > 21');
  }
  const parameters = new Map<string, number>();
  const slots = node.params.map((parameter) => {
    if (parameter.type !== 'Identifier' || isNamespace(parameter.name)) {
      return refuse(parameter, 'the parameters of an arrow function must be plain names, as in (sum, x) => sum + x');
    }
    const slot = c.slots++;
    parameters.set(parameter.name, slot);
    return slot;
  });
  const nodesBefore = c.nodes;
  c.parameters.push(parameters);
  const body = c.compile(node.body);
  c.parameters.pop();
  const cost = 1 + c.nodes - nodesBefore;
  return (frame) =>
    (...values) => {
      frame.charge(cost);
      for (let i = 0; i < slots.length; i++) frame.locals[slots[i] ?? 0] = values[i];
      return body(frame);
    };
}

/** What to write in place of a method that there is not. */
function insteadOf(name: string): string {
  const nearest = nearestMethod(name);
  return nearest === null
    ? 'a text has trim, includes, split and others, a list some, map, join …'
    : `write ".${nearest}()"`;
}
