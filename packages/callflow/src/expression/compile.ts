import type {
  BinaryExpression,
  Expression,
  Identifier,
  Literal,
  LogicalExpression,
  Node,
  ObjectExpression,
  TemplateLiteral,
  UnaryExpression,
} from 'acorn';
import { compileCall, compileNew } from './call.ts';
import { toKey, toNumber, toText } from './coercion.ts';
import { type Compilation, clipped, compileList, refuse } from './compilation.ts';
import type { Code } from './frame.ts';
import { globalFunction, isNamespace, namesIn } from './globals.ts';
import { compileMember, unlessShort } from './member.ts';
import { BINARY } from './operators.ts';
import { isForbiddenName } from './property.ts';
import { ASSIGNMENT } from './syntax-fault.ts';

const MAX_DEPTH = 100;

/** The closures of an expression, and the variables it reads. Throws ExpressionRefused where it is not one we take. */
export function compile(tree: Expression): { code: Code; variables: string[][] } {
  let depth = 0;
  const c: Compilation = {
    parameters: [],
    slots: 0,
    nodes: 0,
    variables: [],
    compile(node) {
      if (depth >= MAX_DEPTH)
        refuse(node, `nested more than ${MAX_DEPTH} levels deep; split the expression over several variables`);
      depth++;
      c.nodes++;
      const code = compileNode(node, c);
      depth--;
      return code;
    },
  };
  return { code: c.compile(tree), variables: c.variables };
}

/** What JavaScript has and expressions here have not: the name of the thing, and what to do about it. */
const NOT_TAKEN: Readonly<Record<string, string>> = {
  AssignmentExpression: ASSIGNMENT,
  UpdateExpression: '"++" and "--" are not allowed; write "+ 1" or "- 1"',
  FunctionExpression: 'functions are not allowed, except arrow functions in calls such as $list.some(x => x == 1)',
  ArrowFunctionExpression:
    'an arrow function may only be given to a method such as some, filter or map; to compare, write ">="',
  ClassExpression: 'classes are not allowed; write a value made of $variables',
  ThisExpression: '"this" is not allowed; variables begin with $',
  SequenceExpression: 'two expressions with a comma between are not allowed; keep one',
  TaggedTemplateExpression: 'a tag before a template text is not allowed; call a method instead',
  YieldExpression: '"yield" is not allowed; variables begin with $',
  AwaitExpression: '"await" is not allowed; variables begin with $',
  ImportExpression: '"import" is not allowed; variables begin with $',
  MetaProperty: 'this is not allowed in an expression; write a value made of $variables',
};

function compileNode(node: Expression, c: Compilation): Code {
  switch (node.type) {
    case 'Literal':
      return compileLiteral(node);
    case 'Identifier':
      return compileIdentifier(node, c);
    case 'TemplateLiteral':
      return compileTemplate(node, c);
    case 'ArrayExpression':
      return compileList(node.elements, c);
    case 'ObjectExpression':
      return compileObject(node, c);
    case 'ParenthesizedExpression':
      return c.compile(node.expression);
    case 'UnaryExpression':
      return compileUnary(node, c);
    case 'BinaryExpression':
      return compileBinary(node, c);
    case 'LogicalExpression':
      return compileLogical(node, c);
    case 'ConditionalExpression': {
      const [test, then, otherwise] = [c.compile(node.test), c.compile(node.consequent), c.compile(node.alternate)];
      return (frame) => (test(frame) ? then(frame) : otherwise(frame));
    }
    case 'MemberExpression':
      return compileMember(node, c);
    case 'CallExpression':
      return compileCall(node, c);
    case 'ChainExpression':
      return unlessShort(c.compile(node.expression));
    case 'NewExpression':
      return compileNew(node, c);
    default:
      return refuse(
        node,
        NOT_TAKEN[node.type] ?? 'this is not allowed in an expression; write a value made of $variables',
      );
  }
}

function compileLiteral(node: Literal): Code {
  if (node.regex !== undefined && node.regex !== null) {
    refuse(node, 'regular expressions are not allowed; use includes, startsWith, endsWith, indexOf or split');
  }
  if (node.bigint !== undefined && node.bigint !== null)
    refuse(node, 'big integers are not allowed; leave out the "n"');
  const value = node.value;
  return () => value;
}

const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['undefined', undefined],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
]);

function compileIdentifier(node: Identifier, c: Compilation): Code {
  const { name } = node;
  for (let i = c.parameters.length - 1; i >= 0; i--) {
    const slot = c.parameters[i]?.get(name);
    if (slot !== undefined) return (frame) => frame.locals[slot];
  }
  if (name.startsWith('$') && name.length > 1) {
    const variable = name.slice(1);
    c.variables.push([variable]);
    if (isForbiddenName(variable)) return () => undefined;
    return (frame) => {
      const value = frame.scope.lookup(variable);
      const type = typeof value;
      return type === 'function' || type === 'symbol' || type === 'bigint' ? undefined : value;
    };
  }
  if (CONSTANTS.has(name)) {
    const value = CONSTANTS.get(name);
    return () => value;
  }
  if (name === '$') return refuse(node, '"$" alone is no variable; write its name behind it, as in $keyPresses');
  if (globalFunction(name) !== undefined) return refuse(node, `"${name}" is a function; write ${name}(…) to call it`);
  if (isNamespace(name))
    return refuse(node, `"${name}" alone is no value; call a function of it, as in ${name}.${namesIn(name)[0]}(…)`);
  const shown = clipped(name);
  return refuse(
    node,
    `"${shown}" is not known; a variable begins with $ ("$${shown}"), a text stands in quotes ("'${shown}'")`,
  );
}

function compileTemplate(node: TemplateLiteral, c: Compilation): Code {
  const texts = node.quasis.map((quasi) => quasi.value.cooked ?? '');
  const codes = node.expressions.map((expression) => c.compile(expression));
  return (frame) => {
    let text = texts[0] ?? '';
    for (let i = 0; i < codes.length; i++) {
      text = frame.text(text + toText(codes[i]?.(frame), frame) + (texts[i + 1] ?? ''));
    }
    return text;
  };
}

function compileObject(node: ObjectExpression, c: Compilation): Code {
  const steps = node.properties.map(
    (property): ((object: Record<string, unknown>, frame: Parameters<Code>[0]) => void) => {
      if (property.type === 'SpreadElement') {
        const source = c.compile(property.argument);
        return (object, frame) => {
          const value = source(frame);
          if (value instanceof Date || value === null || (typeof value !== 'object' && typeof value !== 'string'))
            return;
          const entries = Object.entries(value);
          frame.charge(entries.length);
          for (const [key, element] of entries) object[key] = element;
        };
      }
      if (property.kind !== 'init' || property.method) {
        refuse(property, 'getters, setters and methods are not allowed in an object; write "name: value"');
      }
      const key = compileKey(property.key, property.computed, c);
      const value = c.compile(property.value);
      return (object, frame) => {
        object[key(frame)] = value(frame);
      };
    },
  );
  return (frame) => {
    // Without a prototype, "__proto__" is a key like any other.
    const object: Record<string, unknown> = Object.create(null);
    for (const step of steps) step(object, frame);
    return object;
  };
}

function compileKey(
  node: Expression,
  computed: boolean,
  c: Compilation,
): (frame: Parameters<Code>[0]) => string | number {
  if (computed) {
    const code = c.compile(node);
    return (frame) => toKey(code(frame), frame);
  }
  const name = node.type === 'Identifier' ? node.name : String((node as Literal).value);
  if (isForbiddenName(name)) refuse(node, `"${name}" cannot be a key here; choose another name`);
  return () => name;
}

function compileUnary(node: UnaryExpression, c: Compilation): Code {
  const argument = c.compile(node.argument);
  switch (node.operator) {
    case '!':
      return (frame) => !argument(frame);
    case '-':
      return (frame) => -toNumber(argument(frame), frame);
    case '+':
      return (frame) => toNumber(argument(frame), frame);
    case '~':
      return (frame) => ~toNumber(argument(frame), frame);
    case 'typeof':
      return (frame) => typeof argument(frame);
    default:
      return refuse(node, `"${node.operator}" is not allowed in an expression; write undefined or null for no value`);
  }
}

/** The operands of `a + b + c`, which JavaScript nests to the left: long chains must not count as deep. */
function operandsOf<T extends BinaryExpression | LogicalExpression>(node: T): Node[] {
  const operands: Node[] = [];
  let left: Node = node;
  while (left.type === node.type && (left as T).operator === node.operator) {
    operands.unshift((left as T).right);
    left = (left as T).left;
  }
  operands.unshift(left);
  return operands;
}

function compileBinary(node: BinaryExpression, c: Compilation): Code {
  const operate = BINARY[node.operator];
  if (operate === undefined) {
    refuse(node, `"${node.operator}" is not allowed; use typeof or Array.isArray to tell what a value is`);
  }
  const operands = operandsOf(node).map((operand) => c.compile(operand as Expression));
  const [first, second, ...rest] = operands;
  if (first === undefined || second === undefined) return refuse(node, 'an operand is missing');
  if (rest.length === 0) return (frame) => operate(first(frame), second(frame), frame);
  return (frame) => {
    let value = operate(first(frame), second(frame), frame);
    for (const operand of rest) value = operate(value, operand(frame), frame);
    return value;
  };
}

function compileLogical(node: LogicalExpression, c: Compilation): Code {
  const operands = operandsOf(node).map((operand) => c.compile(operand as Expression));
  const { operator } = node;
  const goesOn = (value: unknown): boolean =>
    operator === '&&' ? Boolean(value) : operator === '||' ? !value : value === undefined || value === null;
  return (frame) => {
    let value: unknown;
    for (const operand of operands) {
      value = operand(frame);
      if (!goesOn(value)) return value;
    }
    return value;
  };
}
