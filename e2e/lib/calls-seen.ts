const seen = new Set<string>();

/** Remembers a call or a text message that a callback told of, for the check of all event logs at the end. */
export function callSeen(callId: unknown): void {
  if (typeof callId === 'string' && callId !== '') seen.add(callId);
}

/** Ids of all of them so far, of whatever server. */
export function callsSeen(): readonly string[] {
  return [...seen];
}
