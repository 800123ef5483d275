import type { OutlineList, OutlineNode } from './outline.ts';

/** Actions whose callees may be asked before they are connected. */
const ASKING: ReadonlySet<string | null> = new Set(['TRANSFER', 'QUEUE']);

/** A list that the callees of a TRANSFER, or the agents of a QUEUE, hear. */
type CalleeList = OutlineList & { parent: OutlineNode };

/** The `whisper` or `confirm` that an entry stands in; null when in none. */
export function calleeListOf({ list }: OutlineNode): CalleeList | null {
  const { parent, key } = list;
  if (parent === null) return null;
  const isCallees = ASKING.has(parent.type) && (key === 'whisper' || key === 'confirm');
  return isCallees ? (list as CalleeList) : calleeListOf(parent);
}

/** What a callee hears next when this list is used up: the `confirm` after a `whisper`; null when it hears nothing more. */
export function confirmAfter({ parent, key }: OutlineList): OutlineList | null {
  if (parent === null || key !== 'whisper' || !ASKING.has(parent.type)) return null;
  return parent.lists.find((list) => list.key === 'confirm' && list.nodes.length > 0) ?? null;
}
