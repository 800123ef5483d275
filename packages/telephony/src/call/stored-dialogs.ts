import type { DialogState } from '@voxology/sip';

/** The dialogs of a call as its row keeps them while it is up: what has to be hung up after a crash. */
export interface StoredDialogs {
  /** With the remote party of the call; it is up from the answer on. Null: not known yet. */
  own: DialogState | null;
  /** Other legs that were answered, such as those of transfers, by a name of their own. */
  others: Record<string, DialogState>;
}

/** The dialogs in a row that are to be hung up. Rows of the first version hold the call's own dialog alone. */
export function dialogsToEnd(stored: unknown, isAnswered: boolean): DialogState[] {
  if (stored === null || stored === undefined) return [];
  const { own, others } =
    'others' in (stored as object) ? (stored as StoredDialogs) : { own: stored as DialogState, others: {} };
  return [...(own !== null && isAnswered ? [own] : []), ...Object.values(others)];
}
