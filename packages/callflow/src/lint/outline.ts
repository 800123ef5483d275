import type { ActionCompiler, AnyAction, InstructionOf } from '../actions/action.ts';
import { ACTIONS, actionOf } from '../actions/registry.ts';
import type { Json, JsonObject } from '../io.ts';
import { isJsonObject } from '../json-value.ts';
import { LabelTable } from '../program/labels.ts';
import type { Instruction } from '../program/program.ts';

/**
 * A list of actions: the document's own, a named sub-flow, a branch that falls out into its parent, or a region run as
 * a frame of its own.
 */
export interface OutlineList {
  kind: 'main' | 'flow' | Parameters<ActionCompiler['list']>[1];
  /** Path below the parent's entry, or below the document. */
  key: string;
  parent: OutlineNode | null;
  nodes: OutlineNode[];
  /** Index of its first instruction. */
  startIndex: number;
}

/** One entry of a list, as its action's own definition compiled it. */
export interface OutlineNode {
  /** As in events: `actions[1].then[0]`. */
  path: string;
  entry: Json;
  /** Null for what is no action of the language. */
  definition: AnyAction | null;
  /** The action's type, `$` for an assignment; null for what is no action. */
  type: string | null;
  list: OutlineList;
  index: number;
  lists: OutlineList[];
  labels: { name: string; isTwice: boolean }[];
  gotos: { label: string; target: OutlineNode | null; known: readonly string[] }[];
  /** Its compile asked for the names of the sub-flows: it runs one of them. */
  runsFlow: boolean;
  instructions: Instruction[];
  /** Index of the first instruction after it. */
  endIndex: number;
  /** What the action's compile had to say. */
  warnings: string[];
}

export interface Outline {
  main: OutlineList;
  /** By name. */
  flows: ReadonlyMap<string, OutlineList>;
  /** All nodes, in the order of the document. */
  nodes: OutlineNode[];
}

interface Drawing {
  labels: LabelTable;
  readonly flowNames: readonly string[];
  readonly nodes: OutlineNode[];
  readonly ownerOf: OutlineNode[];
  readonly gotos: Map<Instruction, OutlineNode['gotos'][number]>;
}

/**
 * The structure of a document: which lists an action holds, which labels it sets and where it jumps, asked from the
 * compile functions of the actions themselves. So every action of the registry is understood, new ones included.
 */
export function outlineOf(document: { actions: readonly Json[]; flows?: Json }): Outline {
  const flows = isJsonObject(document.flows) ? Object.entries(document.flows) : [];
  const drawing: Drawing = {
    labels: new LabelTable(),
    flowNames: flows.map(([name]) => name),
    nodes: [],
    ownerOf: [],
    gotos: new Map(),
  };
  const main = drawScope(drawing, 'main', document.actions, 'actions');
  const named = flows.flatMap(([name, list]) =>
    Array.isArray(list) ? [[name, drawScope(drawing, 'flow', list, `flows.${name}`)] as const] : [],
  );
  return { main, flows: new Map(named), nodes: drawing.nodes };
}

function drawScope(drawing: Drawing, kind: 'main' | 'flow', entries: readonly Json[], path: string): OutlineList {
  drawing.labels = new LabelTable();
  const list: OutlineList = { kind, key: path, parent: null, nodes: [], startIndex: drawing.ownerOf.length };
  drawList(drawing, list, entries, path);
  drawing.labels.resolve((instruction, _label, known) => {
    const goto = drawing.gotos.get(instruction);
    if (goto !== undefined) goto.known = known;
  });
  return list;
}

function drawList(drawing: Drawing, list: OutlineList, entries: readonly Json[], path: string): void {
  for (let index = 0; index < entries.length; index += 1) {
    drawNode(drawing, list, index, entries[index] ?? null, `${path}[${index}]`);
  }
}

function drawNode(drawing: Drawing, list: OutlineList, index: number, entry: Json, path: string): void {
  const definition = (isJsonObject(entry) ? actionOf(entry) : undefined) ?? null;
  const node: OutlineNode = {
    path,
    entry,
    definition,
    type: definition?.type ?? null,
    list,
    index,
    lists: [],
    labels: [],
    gotos: [],
    runsFlow: false,
    instructions: [],
    endIndex: drawing.ownerOf.length,
    warnings: [],
  };
  list.nodes.push(node);
  drawing.nodes.push(node);
  if (definition === null || !isJsonObject(entry)) return;
  definition.compile(entry, compilerFor(drawing, node, entry));
  node.endIndex = drawing.ownerOf.length;
}

function compilerFor(drawing: Drawing, node: OutlineNode, entry: JsonObject): ActionCompiler {
  const emit = <Args extends Json>(args: Args, op: string, path: string): InstructionOf<Args> => {
    const instruction = { op, path, action: node.type, next: drawing.ownerOf.length + 1, args };
    drawing.ownerOf.push(node);
    node.instructions.push(instruction);
    return instruction;
  };
  return {
    path: node.path,
    get flowNames() {
      node.runsFlow = true;
      return drawing.flowNames;
    },
    warn: (message) => node.warnings.push(typeof message === 'string' ? message : message()),
    emit: (args, at) => emit(args, at?.op ?? node.type ?? '', at?.path ?? node.path),
    here: () => drawing.ownerOf.length,
    list: (key, kind, within = { entry, path: node.path }) => {
      const path = `${within.path}.${key}`;
      const below = path.slice(node.path.length + 1);
      const list: OutlineList = { kind, key: below, parent: node, nodes: [], startIndex: drawing.ownerOf.length };
      node.lists.push(list);
      drawing.labels.enterList(kind === 'region');
      drawList(drawing, list, entriesOf(within.entry, key, node), path);
      if (kind === 'region') emit(null, 'LIST_END', node.path);
      drawing.labels.leaveList();
    },
    label: (name) => {
      const isTwice = !drawing.labels.define(name, drawing.ownerOf.length);
      node.labels.push({ name, isTwice });
    },
    goto: (instruction, label, setTarget) => {
      const goto: OutlineNode['gotos'][number] = { label, target: null, known: [] };
      node.gotos.push(goto);
      drawing.gotos.set(instruction, goto);
      drawing.labels.addGoto(instruction, label, (target) => {
        goto.target = drawing.ownerOf[target] ?? null;
        setTarget(target);
      });
    },
  };
}

function entriesOf(entry: JsonObject, key: string, node: OutlineNode): readonly Json[] {
  const list = Object.hasOwn(entry, key) ? entry[key] : undefined;
  if (Array.isArray(list)) return list;
  if (isJsonObject(list)) {
    node.warnings.push(`${key} is a single action; it is taken as a list of one`);
    return [list];
  }
  if (list !== null) node.warnings.push(`${key} ${list === undefined ? 'is missing' : 'is no list of actions'}`);
  return [];
}

/** Names that the documentation of some action gives as `$name`: variables that the language sets by itself. */
export function documentedVariables(): string[] {
  const texts = ACTIONS.flatMap(({ summary, description, fields, parameters }) => [
    summary,
    description,
    ...Object.values(fields),
    ...Object.values(parameters).map((parameter) => parameter.description),
  ]);
  return texts.flatMap((text) => [...text.matchAll(/`\$([A-Za-z]\w*)/g)].map(([, name]) => name ?? ''));
}
