import type { HealthIssue, SessionStats } from '@voxology/media';
import type { CallAudio } from '@voxology/store';

/** What is suspected when one side does not hear the other. */
const ONE_WAY: ReadonlySet<HealthIssue> = new Set(['nothing_received', 'only_silence_received', 'not_heard']);

/** The sound of a call by the figures of its media session; null: there was none. */
export function audioOf(stats: SessionStats | null): CallAudio | null {
  if (stats === null || stats.packetsSent + stats.packetsReceived === 0) return null;
  const { packetsSent, packetsReceived, lost, jitterMs, remoteLost, remoteJitterMs, roundTripMs, mos, health } = stats;
  const { malformed, unknownPayload, foreign } = stats;
  return {
    packetsSent,
    packetsReceived,
    packetsLost: lost,
    packetsRefused: malformed + unknownPayload + foreign,
    jitterMs,
    remotePacketsLost: remoteLost,
    remoteJitterMs,
    roundTripMs,
    mos,
    ...health,
    oneWay: health.issues.some((issue) => ONE_WAY.has(issue)),
  };
}
