import type { CallAudio } from '@voxology/store';
import { Type } from 'typebox';
import { Nullable } from './nullable.ts';

const Ratio = (what: string) =>
  Nullable(Type.Number(), `${what}, 0 to 1, of what was looked at; \`null\`: nothing was.`);

const Audio = Type.Object({
  packets_sent: Type.Integer(),
  packets_received: Type.Integer(),
  packets_lost: Type.Integer({ description: 'Of the remote party’s packets.' }),
  packets_refused: Type.Integer({
    description:
      'That came and were not used: of a codec that was not agreed on, from a stranger, or damaged. Where they are many and few are received, that is why.',
  }),
  loss_percent: Type.Number({ description: 'Of the remote party’s packets.' }),
  jitter_ms: Type.Number({ description: 'Of the remote party’s packets (RFC 3550).' }),
  remote_packets_lost: Nullable(Type.Integer(), 'Of our packets, as the remote party reports; `null`: it does not.'),
  remote_jitter_ms: Nullable(Type.Number(), 'Of our packets, as the remote party reports.'),
  round_trip_ms: Nullable(Type.Number(), 'There and back on the network; `null`: not known.'),
  mos: Nullable(Type.Number(), 'Estimated quality of what came (ITU-T G.107), 1 to 4.4; `null`: nothing came.'),
  first_packet_in_ms: Nullable(Type.Number(), 'From our start to the remote party’s first packet.'),
  first_packet_out_ms: Nullable(Type.Number(), 'From our start to our first packet.'),
  silence_ratio_in: Ratio('Part of what came in which nobody spoke'),
  silence_ratio_out: Ratio('Part of what we sent in which nothing was said'),
  clipping_ratio_in: Ratio('Part of what came that was too loud for its codec'),
  clipping_ratio_out: Ratio('Part of what we sent that was too loud for its codec'),
  issues: Type.Array(Type.String(), {
    description:
      'What was suspected at any time: `nothing_received`, `only_silence_received`, `not_heard`, `high_loss`, `low_mos`, `clipping`.',
  }),
  one_way: Type.Boolean({ description: 'One of the first three `issues`: one side did not hear the other.' }),
});

/** The sound of a call, as the REST API shows it. */
export const AudioOfCall = Nullable(
  Audio,
  'How the sound between the remote party and the server was; `null`: there was none.',
);

export function presentAudio(audio: CallAudio | null) {
  if (audio === null) return null;
  const { packetsReceived, packetsLost } = audio;
  const expected = packetsReceived + packetsLost;
  return {
    packets_sent: audio.packetsSent,
    packets_received: packetsReceived,
    packets_lost: packetsLost,
    packets_refused: audio.packetsRefused ?? 0,
    loss_percent: expected <= 0 ? 0 : rounded((100 * packetsLost) / expected),
    jitter_ms: rounded(audio.jitterMs),
    remote_packets_lost: audio.remotePacketsLost,
    remote_jitter_ms: roundedOrNull(audio.remoteJitterMs),
    round_trip_ms: roundedOrNull(audio.roundTripMs),
    mos: roundedOrNull(audio.mos),
    first_packet_in_ms: audio.firstPacketInMs,
    first_packet_out_ms: audio.firstPacketOutMs,
    silence_ratio_in: roundedOrNull(audio.silenceRatioIn),
    silence_ratio_out: roundedOrNull(audio.silenceRatioOut),
    clipping_ratio_in: roundedOrNull(audio.clippingRatioIn),
    clipping_ratio_out: roundedOrNull(audio.clippingRatioOut),
    issues: audio.issues,
    one_way: audio.oneWay,
  };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function roundedOrNull(value: number | null): number | null {
  return value === null ? null : rounded(value);
}
