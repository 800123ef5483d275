import type { TransferInput, TransferStatus } from '@voxology/callflow';
import { outcomeOf } from '../outbound/dial-outcome.ts';

/** How a transfer, or one of its targets, ended. */
export type TransferOutcome = Pick<
  Extract<TransferInput, { type: 'transfer_ended' }>,
  'status' | 'sipStatus' | 'error'
>;

/** What says most of why nobody answered comes first. */
const RANKING: readonly TransferStatus[] = ['completed', 'busy', 'no-answer', 'failed', 'canceled'];

export function failed(error: unknown): TransferOutcome {
  return { status: 'failed', sipStatus: null, error: error instanceof Error ? error.message : String(error) };
}

/** The outcome of a final response to an INVITE; null: none came. */
export function outcomeOfResponse(sipStatus: number | null, reason: string): TransferOutcome {
  const { status, error } = outcomeOf(sipStatus, reason);
  return { status, sipStatus, error };
}

/** The best of several; of equals the first. */
export function bestOf(outcomes: readonly TransferOutcome[]): TransferOutcome {
  const [first = failed('there was nobody to call')] = outcomes;
  return outcomes.reduce((best, one) => (rank(one) < rank(best) ? one : best), first);
}

function rank({ status }: TransferOutcome): number {
  return RANKING.indexOf(status);
}
