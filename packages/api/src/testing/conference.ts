import type { LiveConference } from '@voxology/telephony';

/** A room of two, of whom one is coached by the other, who speaks. */
export const CONFERENCE: LiveConference = {
  name: 'sales/ü 1',
  startedAtMs: 2000,
  participants: [
    {
      callId: 'c@1',
      callerNo: '+12125550100',
      joinedAtMs: 1000,
      muted: true,
      onHold: false,
      coaching: null,
      speaking: false,
    },
    {
      callId: 'c@2',
      callerNo: 'alice',
      joinedAtMs: 2000,
      muted: false,
      onHold: true,
      coaching: 'c@1',
      speaking: true,
    },
  ],
};
