import type { ActionCompiler, AnyAction, InstructionOf } from '../actions/action.ts';
import { ACTION_TYPES, actionOf } from '../actions/registry.ts';
import { DOCUMENT_KEYS, type FlowDocument } from '../document/document.ts';
import type { Json, JsonObject } from '../io.ts';
import { deepFreeze, isJsonObject, kindOf } from '../json-value.ts';
import { didYouMean } from '../nearest-name.ts';
import { parameterMeant, unknownNames, type Warn } from '../parameters/compile.ts';
import { isComment } from '../remarks.ts';
import { LabelTable } from './labels.ts';
import type { CompileWarning, FlowRange, Instruction, Program } from './program.ts';

/** More actions than allowed: the only thing about a readable document that is refused. */
export class TooManyActions extends Error {
  override name = 'TooManyActions';
}

/**
 * Compiles a document into a flat list of instructions. Nothing in it is fatal but its number of actions: what is
 * unknown or cannot be meant is left out with a warning.
 *
 * @param root what paths begin with
 * @throws TooManyActions
 */
export function compileDocument(document: FlowDocument, maxActions: number, root = 'actions'): Program {
  const flows = namedFlows(document.flows);
  const compilation: Compilation = {
    instructions: [],
    warnings: [],
    labels: new LabelTable(),
    flowNames: flows.map(([name]) => name),
    actionCount: 0,
    maxActions,
  };
  for (const key of document.unknownKeys) {
    addWarning(compilation, key.slice(0, 60), null, () => unknownDocumentKey(key));
  }
  if (document.flows !== null && !isJsonObject(document.flows)) {
    const message = `flows is ${kindOf(document.flows)}; an object of named lists of actions is expected`;
    addWarning(compilation, 'flows', null, message);
  }
  compileScope(compilation, document.actions, root);
  const end = compilation.instructions.length;
  emit(compilation, 'END', null, null, '');
  const ranges = flows.map(([name, list]): [string, FlowRange] => [name, compileFlow(compilation, name, list)]);
  return deepFreeze({
    instructions: compilation.instructions,
    end,
    flows: Object.fromEntries(ranges),
    isEmpty: document.actions.length === 0,
    actionCount: compilation.actionCount,
    sizeCharacters: document.sizeCharacters,
    warnings: compilation.warnings,
  });
}

/** Warnings of one document; a generated document with the same fault everywhere needs no more to be understood. */
const MAX_WARNINGS = 200;

interface Compilation {
  readonly instructions: Instruction[];
  readonly warnings: CompileWarning[];
  labels: LabelTable;
  readonly flowNames: readonly string[];
  actionCount: number;
  readonly maxActions: number;
}

function addWarning(
  compilation: Compilation,
  path: string,
  action: string | null,
  message: string | (() => string),
): void {
  const { warnings } = compilation;
  if (warnings.length > MAX_WARNINGS) return;
  if (warnings.length === MAX_WARNINGS) warnings.push({ path, action: null, message: 'more warnings are left out' });
  else warnings.push({ path, action, message: typeof message === 'string' ? message : message() });
}

function missingLabel(label: string, known: readonly string[]): string {
  const others = known.filter((name) => name !== label);
  return `there is no LABEL "${label.slice(0, 60)}" that this GOTO can reach${didYouMean(label, others)}`;
}

function emit<Args extends Json>(
  compilation: Compilation,
  op: string,
  action: string | null,
  args: Args,
  path: string,
): InstructionOf<Args> {
  const instruction = { op, path, action, next: compilation.instructions.length + 1, args };
  compilation.instructions.push(instruction);
  return instruction;
}

/** The entries of `flows`; a remark among them is none. */
function namedFlows(flows: Json): [string, Json][] {
  if (!isJsonObject(flows)) return [];
  return Object.entries(flows).filter(([name, list]) => !isComment(name) || Array.isArray(list));
}

function compileFlow(compilation: Compilation, name: string, written: Json): FlowRange {
  const path = /^[A-Za-z_][\w-]{0,59}$/.test(name) ? `flows.${name}` : `flows[${JSON.stringify(name.slice(0, 60))}]`;
  const from = compilation.instructions.length;
  const list = listOf(written, path, (message) => addWarning(compilation, path, null, message));
  compilation.labels = new LabelTable();
  compileScope(compilation, list, path);
  const to = compilation.instructions.length;
  emit(compilation, 'LIST_END', null, null, path);
  return { from, to };
}

/** A list and everything in it that its GOTOs may reach. */
function compileScope(compilation: Compilation, list: readonly Json[], path: string): void {
  compileList(compilation, list, path);
  compilation.labels.resolve((instruction, label, known) => {
    addWarning(compilation, instruction.path, instruction.action, () => missingLabel(label, known));
  });
}

function unknownDocumentKey(key: string): string {
  const what = `unknown key "${key.slice(0, 60)}" at the top of the document`;
  return `${what}${didYouMean(key, DOCUMENT_KEYS)}`;
}

function compileList(compilation: Compilation, list: readonly Json[], path: string): void {
  for (let index = 0; index < list.length; index += 1) {
    compileEntry(compilation, list[index] ?? null, `${path}[${index}]`);
  }
}

function compileEntry(compilation: Compilation, entry: Json, path: string): void {
  compilation.actionCount += 1;
  if (compilation.actionCount > compilation.maxActions) {
    throw new TooManyActions(`the document has more than the ${compilation.maxActions} actions allowed`);
  }
  const warn = (action: string | null, message: string | (() => string)): void => {
    addWarning(compilation, path, action, message);
  };
  if (!isJsonObject(entry)) {
    warn(null, `an action is an object, this is ${kindOf(entry)}; it is left out`);
    return;
  }
  const definition = actionOf(entry);
  if (definition === undefined) {
    const type = typeof entry.type === 'string' ? entry.type.slice(0, 60) : null;
    warn(type, () => unknownAction(entry));
    return;
  }
  const type = typeof entry.type === 'string' ? definition.type : null;
  if (type !== null && entry.type !== type) warn(type, `the type is written "${String(entry.type)}"; write "${type}"`);
  if (type !== null) warnOfMisplaced(entry, definition, (message) => warn(type, message));
  definition.compile(entry, compilerFor(compilation, entry, path, definition.type, type, warn));
}

function compilerFor(
  compilation: Compilation,
  entry: JsonObject,
  path: string,
  op: string,
  type: string | null,
  warnOf: (action: string | null, message: string | (() => string)) => void,
): ActionCompiler {
  const warn: Warn = (message) => warnOf(type, message);
  return {
    path,
    warn,
    emit: (args, at) =>
      at === undefined ? emit(compilation, op, type, args, path) : emit(compilation, at.op, null, args, at.path),
    here: () => compilation.instructions.length,
    flowNames: compilation.flowNames,
    list: (key, kind, within = { entry, path }) => {
      const isRegion = kind === 'region';
      compilation.labels.enterList(isRegion);
      compileList(compilation, nestedList(within.entry, key, warn), `${within.path}.${key}`);
      if (isRegion) emit(compilation, 'LIST_END', null, null, path);
      compilation.labels.leaveList();
    },
    label: (name) => {
      if (!compilation.labels.define(name, compilation.instructions.length)) {
        warn(`the label "${name}" stands twice in this list; the first one counts`);
      }
    },
    goto: (instruction, label, setTarget) => compilation.labels.addGoto(instruction, label, setTarget),
  };
}

function nestedList(entry: JsonObject, key: string, warn: Warn): readonly Json[] {
  const list = Object.hasOwn(entry, key) ? entry[key] : undefined;
  if (list !== undefined) return listOf(list, key, warn);
  warn(`${key} is missing; nothing is run for it`);
  return [];
}

function listOf(written: Json, what: string, warn: Warn): readonly Json[] {
  if (Array.isArray(written)) return written;
  if (written === null) return [];
  if (isJsonObject(written)) {
    warn(`${what} is a single action; it is taken as a list of one`);
    return [written];
  }
  warn(`${what} is ${kindOf(written)}; a list of actions is expected`);
  return [];
}

function unknownAction(entry: JsonObject): string {
  const type = Object.hasOwn(entry, 'type') ? entry.type : undefined;
  if (typeof type === 'string') {
    return `unknown action "${type.slice(0, 60)}" is left out${didYouMean(type, ACTION_TYPES)}`;
  }
  if (type !== undefined) return `type is ${kindOf(type)}, a text is expected; the action is left out`;
  // An entry of remarks only is a way to write a comment between actions.
  const remarks = Object.keys(entry).every(isComment);
  return remarks ? 'only remarks; nothing to run' : 'there is no type; the action is left out';
}

function warnOfMisplaced(entry: JsonObject, { parameters, fields }: AnyAction, warn: Warn): void {
  const known = ['type', 'params', ...Object.keys(fields)];
  const unknown = unknownNames(entry, known);
  for (const key of unknown) {
    if (Object.hasOwn(parameters, key)) {
      warn(`"${key}" belongs inside "params"; here it has no effect`);
      continue;
    }
    warn(() => {
      const what = `unknown key "${key.slice(0, 60)}"`;
      const near = didYouMean(key, known);
      if (near !== '') return `${what}${near}`;
      const meant = parameterMeant(key, unknown, parameters, isJsonObject(entry.params) ? entry.params : {});
      return meant === null ? `${what} has no effect` : `${what}; did you mean "${meant}" inside "params"?`;
    });
  }
}
