import type { OutlineList, OutlineNode } from './outline.ts';

/** A list that the callees of a TRANSFER hear. */
type CalleeList = OutlineList & { parent: OutlineNode };

/** The `whisper` or `confirm` that an entry stands in; null when in none. */
export function calleeListOf({ list }: OutlineNode): CalleeList | null {
  const { parent, key } = list;
  if (parent === null) return null;
  const isCallees = parent.type === 'TRANSFER' && (key === 'whisper' || key === 'confirm');
  return isCallees ? (list as CalleeList) : calleeListOf(parent);
}
