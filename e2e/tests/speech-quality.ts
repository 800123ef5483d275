/** Speech over good and bad networks, from one phone to another, compared with the original. */
import { setImmediate as turn } from 'node:timers/promises';
import { spectralDistanceDb } from '../../packages/media/src/testing/speech-quality.ts';
import { findPrompt, LINE_RATE_HZ } from '../lib/audio.ts';
import { ok } from '../lib/check.ts';
import { ffmpeg } from '../lib/ffmpeg.ts';
import { crossCorrelation } from '../lib/fft.ts';
import { throughUlaw } from '../lib/g711.ts';
import type { Impairment } from '../lib/impairment-proxy.ts';
import { oggPackets } from '../lib/ogg.ts';
import { prompt, wideSpeech } from '../lib/prompts.ts';
import { enter, roomNumber } from '../lib/room-party.ts';
import type { RtpPeer } from '../lib/rtp-peer.ts';
import { PAYLOAD_TYPES } from '../lib/sdp.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

type Codec = 'PCMU' | 'G722' | 'opus';

const TEXT = 'How now, brown cow? She sells sea shells, and we were away a year ago.';
const VOICE = 'slt';
const WIDE_RATE_HZ = 16_000;
/** Packets before the speech: the jitter buffer learns what the network is like. */
const LEAD_MS = 1500;
/** Of the telephone band, which every codec here carries. */
const HIGHEST_HZ = 3300;
/** Speech is compared in pieces, each where it is most alike: a jitter buffer may have moved it since the one before. */
const PIECE_SAMPLES = LINE_RATE_HZ / 4;
const MOST_MOVED_SAMPLES = LINE_RATE_HZ / 10;

/**
 * Mean difference of the levels in narrow bands, in dB. Measured, on a busy machine: PCMU 2 to 3, with a fifth of it lost 4;
 * G.722 4, Opus 5. Speech that two others talk into is 11 away, silence more than 20.
 */
const CASES: { codec: Codec; network: string; impairment?: Impairment; mostDb: number }[] = [
  { codec: 'PCMU', network: 'a good network', mostDb: 4 },
  { codec: 'G722', network: 'a good network', mostDb: 5.5 },
  { codec: 'opus', network: 'a good network', mostDb: 6.5 },
  { codec: 'PCMU', network: '1 % loss', impairment: { seed: 21, lossPercent: 1 }, mostDb: 4 },
  { codec: 'PCMU', network: '20 % loss', impairment: { seed: 22, lossPercent: 20 }, mostDb: 6 },
  {
    codec: 'PCMU',
    network: 'losses in bursts',
    impairment: { seed: 23, lossPercent: 5, lossBurstLength: 4 },
    mostDb: 5,
  },
  {
    codec: 'PCMU',
    network: 'packets swapped and doubled',
    impairment: { seed: 24, reorderPercent: 5, duplicatePercent: 5 },
    mostDb: 4.5,
  },
  { codec: 'PCMU', network: 'jitter of 50 ms', impairment: { seed: 25, jitterMs: 50 }, mostDb: 4.5 },
  { codec: 'G722', network: '5 % loss', impairment: { seed: 26, lossPercent: 5 }, mostDb: 5.5 },
  { codec: 'opus', network: '5 % loss', impairment: { seed: 27, lossPercent: 5 }, mostDb: 7 },
  { codec: 'opus', network: 'jitter of 50 ms', impairment: { seed: 28, jitterMs: 50 }, mostDb: 6.5 },
];

/** Speaks at 8 or 16 kHz, encoded by another implementation than the server's. */
async function say(peer: RtpPeer, codec: Codec, speech: Int16Array): Promise<void> {
  if (codec === 'PCMU') return peer.say(speech);
  const input = ['-f', 's16le', '-ar', String(WIDE_RATE_HZ), '-ac', '1'];
  const type = PAYLOAD_TYPES[codec];
  if (codec === 'G722') return peer.sayEncoded(await ffmpeg(input, speech, ['-c:a', 'g722', '-f', 'g722', '-']), type);
  const options = ['-c:a', 'libopus', '-b:a', '24k', '-application', 'voip', '-fec', '1', '-packet_loss', '5'];
  const [, , ...packets] = oggPackets(await ffmpeg(input, speech, [...options, '-f', 'ogg', '-']));
  return peer.sayPackets(packets, type, 960);
}

/** How far what was heard is from the speech, in dB. It takes long; other tests' phones, in this process too, speak meanwhile. */
async function distanceDb(speech: Int16Array, heard: Int16Array): Promise<number> {
  const { offset } = findPrompt(heard, speech);
  const distances: number[] = [];
  for (let at = 0; at + PIECE_SAMPLES <= speech.length; at += PIECE_SAMPLES) {
    await turn();
    const piece = speech.subarray(at, at + PIECE_SAMPLES);
    const from = Math.max(0, at + offset - MOST_MOVED_SAMPLES);
    const near = heard.subarray(from, from + PIECE_SAMPLES + 2 * MOST_MOVED_SAMPLES);
    const likeness = crossCorrelation(near, piece).subarray(0, 2 * MOST_MOVED_SAMPLES);
    const place = likeness.indexOf(likeness.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY));
    const distance = spectralDistanceDb(piece, near.subarray(place), LINE_RATE_HZ, HIGHEST_HZ);
    // Where nobody speaks there is nothing to compare.
    if (!Number.isNaN(distance)) distances.push(distance);
  }
  return distances.reduce((sum, one) => sum + one, 0) / distances.length;
}

for (const { codec, network, impairment, mostDb } of CASES) {
  test(`speech-quality: ${codec} over ${network}`, { timeoutMs: 60_000 }, async (t) => {
    const { samples: original } = await prompt(TEXT, VOICE);
    const speech = codec === 'PCMU' ? original : await wideSpeech(TEXT, VOICE);
    const lead = new Int16Array(((codec === 'PCMU' ? LINE_RATE_HZ : WIDE_RATE_HZ) * LEAD_MS) / 1000);
    const server = await sharedServer();
    const number = await roomNumber(t, server, `${codec} ${network}`);
    const options = impairment === undefined ? {} : { impairment };
    const speaker = await enter(t, server, number, { media: { codecs: [codec] }, ...options });
    const listener = await enter(t, server, number);
    await Promise.all([speaker.media.waitForPacket(), listener.media.waitForPacket()]);
    await say(speaker.media, codec, Int16Array.from([...lead, ...speech, ...lead]));
    const distance = await distanceDb(throughUlaw(original), listener.media.heard());
    ok(distance < mostDb, `${distance.toFixed(1)} dB away from the original (${mostDb} dB allowed)`);
  });
}
