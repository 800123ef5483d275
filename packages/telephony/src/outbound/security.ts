import type { SecurityMethod } from '@voxology/media';
import type { Binding } from '@voxology/sip';
import type { Destination } from './destination.ts';

/** How media may be protected on the ways to a destination: each method once, for the phones that take it. */
export function securitiesOf(destination: Destination): SecurityMethod[] {
  switch (destination.kind) {
    case 'phones':
      return [...new Set(destination.bindings.map(securityOfBinding))];
    case 'trunk':
      return [destination.trunk.srtp];
    case 'on-net':
      return ['none'];
    case 'unreachable':
      return [];
  }
}

/** What a phone takes: browsers nothing but WebRTC, others plain RTP. */
export function securityOfBinding({ source }: Pick<Binding, 'source'>): SecurityMethod {
  return source.protocol === 'ws' ? 'dtls' : 'none';
}
