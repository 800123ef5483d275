import type { Json } from '../io.ts';
import type { CompileWarning } from '../program/program.ts';
import { type Outline, type OutlineNode, outlineOf } from './outline.ts';
import { type Paths, pathsOf } from './paths.ts';
import { memberOf, type PlacedJson, placeBelow } from './placed-json.ts';
import type { Complaint } from './rule.ts';

/** A document that could be read, with everything the rules ask of it. */
export interface LintedFlow {
  text: string;
  /** Of the document. */
  root: PlacedJson;
  /** What it names as its schema; undefined when it names none. */
  schema: Json | undefined;
  outline: Outline;
  paths: Paths;
  /** What the compiler says about keys of the document itself. */
  documentWarnings: readonly CompileWarning[];
  /** Where an entry stands. */
  placeOf(node: OutlineNode): PlacedJson;
}

export function lintedFlow(
  text: string,
  root: PlacedJson,
  document: { actions: readonly Json[]; flows?: Json; schema?: Json },
  warnings: readonly CompileWarning[],
): LintedFlow {
  const outline = outlineOf(document);
  const places = new Map<OutlineNode, PlacedJson>();
  const placeOf = (node: OutlineNode): PlacedJson => places.get(node) ?? root;
  for (const node of outline.nodes) {
    const { list, index } = node;
    const holder = list.parent === null ? root : placeOf(list.parent);
    const entries = placeBelow(holder, list.key);
    // A single action may stand in place of a list.
    places.set(node, (entries?.members.length ? entries : entries?.items[index]) ?? holder);
  }
  const documentWarnings = warnings.filter(({ path }) => !/^(actions|flows)\b./.test(path));
  return { text, root, schema: document.schema, outline, documentWarnings, paths: pathsOf(outline), placeOf };
}

/** A complaint about a value of an entry, or about the entry when the value is not there. */
export function complaintAt(
  flow: LintedFlow,
  node: OutlineNode,
  keys: readonly (string | number)[],
  message: string,
  hint: string,
): Complaint {
  return { offset: valueAt(flow, node, keys).start, path: pathBelow(node, keys), message, hint };
}

/** A complaint about the name of a member of an entry. */
export function complaintAtKey(
  flow: LintedFlow,
  node: OutlineNode,
  keys: readonly string[],
  message: string,
  hint: string,
): Complaint {
  const holder = valueAt(flow, node, keys.slice(0, -1));
  const offset = memberOf(holder, keys.at(-1) ?? '')?.keyStart ?? holder.start;
  return { offset, path: pathBelow(node, keys), message, hint };
}

/** The place of a value in an entry; as far as the keys lead. */
export function valueAt(flow: LintedFlow, node: OutlineNode, keys: readonly (string | number)[]): PlacedJson {
  let place = flow.placeOf(node);
  for (const key of keys) {
    const below: PlacedJson | undefined = typeof key === 'number' ? place.items[key] : memberOf(place, key)?.value;
    if (below === undefined) return place;
    place = below;
  }
  return place;
}

function pathBelow(node: OutlineNode, keys: readonly (string | number)[]): string {
  return keys.reduce<string>(
    (path, key) => (typeof key === 'number' ? `${path}[${key}]` : `${path}.${key}`),
    node.path,
  );
}
