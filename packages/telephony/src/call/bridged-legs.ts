import type { MediaEngine } from '@voxology/media';
import type { Leg } from './leg.ts';

/** Two legs that hear each other, and each the other's keys. */
export interface BridgedLegs {
  close(): void;
}

/** Throws when one of them has no media, or they are bridged already. */
export function bridgeLegs(media: Pick<MediaEngine, 'bridge'>, near: Leg, far: Leg): BridgedLegs {
  if (near.session === null || far.session === null) throw new Error('the call has no media');
  const bridge = media.bridge(near.session, far.session);
  near.passKeysTo(far.session);
  far.passKeysTo(near.session);
  return {
    close() {
      near.passKeysTo(null);
      far.passKeysTo(null);
      bridge.close();
    },
  };
}
