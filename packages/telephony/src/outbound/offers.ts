import type { MediaEngine, MediaSession, SecurityMethod, SessionOptions } from '@voxology/media';
import type { Destination } from './destination.ts';
import { securitiesOf } from './security.ts';

/** The media that a destination is offered: a session for each method by which its phones protect theirs. */
export type Offers = ReadonlyMap<SecurityMethod, MediaSession>;

/** Makes the sessions of our offers to a destination. Rejects as `createSession` does; none is left then. */
export async function openOffers(
  media: Pick<MediaEngine, 'createSession'>,
  destination: Destination,
  options: Omit<SessionOptions, 'security'> = {},
): Promise<Offers> {
  const offers = new Map<SecurityMethod, MediaSession>();
  try {
    for (const security of securitiesOf(destination)) {
      offers.set(security, await media.createSession({ ...options, security }));
    }
  } catch (error) {
    await closeOffers(offers);
    throw error;
  }
  return offers;
}

/** Gives the media of offers back that nobody was sent. */
export async function closeOffers(offers: Offers): Promise<void> {
  await Promise.all([...offers.values()].map((session) => session.close()));
}
