import type { SecurityMethod } from '@voxology/media';
import type { Binding } from '@voxology/sip';
import type { Destination } from './destination.ts';

/**
 * How the media of one offer to these destinations is protected: as all that ring ask for, else not at all, which is
 * what most telephones take.
 */
export function securityOf(...destinations: readonly Destination[]): SecurityMethod {
  const [asked, ...others] = new Set(destinations.flatMap(methods));
  return asked === undefined || others.length > 0 ? 'none' : asked;
}

/** What a phone takes: browsers nothing but WebRTC. */
export function securityOfBinding({ source }: Pick<Binding, 'source'>): SecurityMethod {
  return source.protocol === 'ws' ? 'dtls' : 'none';
}

function methods(destination: Destination): SecurityMethod[] {
  switch (destination.kind) {
    case 'phones':
      return destination.bindings.map(securityOfBinding);
    case 'trunk':
      return [destination.trunk.srtp];
    case 'on-net':
      return ['none'];
    case 'unreachable':
      return [];
  }
}
