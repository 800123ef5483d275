import { type Destination, DestinationRefused, type Destinations } from '../outbound/destination.ts';
import type { RateLimit } from '../outbound/rate-limit.ts';
import { failed, type TransferOutcome } from './outcome.ts';

/** Somebody who can be called. */
export interface Target {
  /** As the flow names it. */
  no: string;
  destination: Destination;
}

/** Those of the numbers that can be called now, each once; what is wrong with the others is among the outcomes. */
export async function targetsOf(
  numbers: readonly string[],
  sipDomain: string,
  services: { destinations: Pick<Destinations, 'of'>; rateLimit: RateLimit; nowMs(): number },
): Promise<{ targets: Target[]; outcomes: TransferOutcome[] }> {
  const { destinations, rateLimit, nowMs } = services;
  const targets: Target[] = [];
  const outcomes: TransferOutcome[] = [];
  for (const no of new Set(numbers)) {
    try {
      const destination = await destinations.of(no, sipDomain);
      if (destination.kind === 'unreachable') {
        outcomes.push({ status: destination.status, sipStatus: null, error: destination.error });
      } else if (rateLimit.take(nowMs())) {
        targets.push({ no, destination });
      } else {
        outcomes.push(failed('Too many calls per second (setting limits.max_calls_per_second)'));
      }
    } catch (error) {
      if (!(error instanceof DestinationRefused)) throw error;
      outcomes.push(failed(error));
    }
  }
  return { targets, outcomes };
}
