import { isMap, isSeq, type ParsedNode } from 'yaml';
import type { PlacedJson } from './placed-json.ts';

const NONE: readonly never[] = [];

/** The places of all values of a YAML text, from its nodes. */
export function placesOfYaml(node: ParsedNode): PlacedJson {
  const [start, end] = node.range;
  if (isSeq<ParsedNode>(node)) return { start, end, items: node.items.map(placesOfYaml), members: NONE };
  if (!isMap<ParsedNode, ParsedNode | null>(node)) return { start, end, items: NONE, members: NONE };
  const members = node.items.map(({ key, value }) => {
    const [keyStart, keyEnd] = key.range;
    // The value of a key that has none stands behind it.
    const place = value === null ? { start: keyEnd, end: keyEnd, items: NONE, members: NONE } : placesOfYaml(value);
    return { key: String('value' in key ? key.value : ''), keyStart, value: place };
  });
  return { start, end, items: NONE, members };
}
