import type { CallAudio } from '@voxology/store';

/** How the sound of a call was. */
export const CALL_AUDIO: CallAudio = {
  packetsSent: 100,
  packetsReceived: 97,
  packetsLost: 3,
  packetsRefused: 2,
  jitterMs: 1.2345,
  remotePacketsLost: null,
  remoteJitterMs: null,
  roundTripMs: 20,
  mos: 4.12345,
  firstPacketInMs: 12,
  firstPacketOutMs: 0,
  silenceRatioIn: 0.5,
  silenceRatioOut: null,
  clippingRatioIn: 0,
  clippingRatioOut: null,
  issues: ['not_heard'],
  oneWay: true,
};
