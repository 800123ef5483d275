import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import type { CodecName } from './codec/audio-codec.ts';
import { MediaConfigError } from './control/errors.ts';
import { SRTP_SUITE_NAMES, type SrtpSuiteName } from './srtp/suite.ts';
import { choosePacketIo, type PacketIo } from './worker/packet-io.ts';
import type { WorkerSettings } from './worker/protocol.ts';

export interface MediaEngineOptions {
  /** Local IP address of the RTP sockets. */
  host: string;
  /** IP address written into SDP; needed when `host` is a wildcard, useful behind a NAT. Default: `host`. */
  advertiseHost?: string;
  /** RTP takes the even ports from `portLow` to `portHigh`; the odd ones are left for RTCP. */
  portLow: number;
  portHigh: number;
  /** Worker threads. Default: one less than the cores, at least one. */
  workers?: number;
  /** Silence of the far side after which a session reports `rtpTimeout`; 0, the default, never. Not while on hold. */
  rtpTimeoutMs?: number;
  /** The mean time between RTCP reports; 0: no RTCP. Default 5000 (RFC 3550 §6.2). */
  rtcpIntervalMs?: number;
  /** How long a port rests after its session before another one gets it. Default 3000. */
  portRestMs?: number;
  /** Ports kept bound in each worker ahead of calls. Default 16 to 512. */
  minReadyPorts?: number;
  maxReadyPorts?: number;
  /** Encoded prompts kept in each worker. Default 64 MiB. */
  promptCacheBytes?: number;
  /** How long after the first packet a source closer to the SDP's address takes over. Default 1000. */
  latchLearningMs?: number;
  /** Silence after which a far side that moved may be followed. Default 2000. */
  latchSilenceMs?: number;
  /** Suites for SRTP, preferred first; others are neither offered nor taken. Default: all, GCM first. */
  srtpSuites?: readonly SrtpSuiteName[];
  /** How long a DTLS handshake may take. Default 30 000. */
  dtlsTimeoutMs?: number;
  /** How long a WebRTC session goes on without a check of the far side; 0: for ever. Default 30 000 (RFC 7675). */
  iceConsentMs?: number;
  /** After a stall of the machine, packets later than this are left out and the others follow at once. Default 200. */
  maxCatchUpMs?: number;
  /** Codecs of all sessions, the preferred one first; those that do not load are left out. Default PCMU, PCMA. */
  codecs?: readonly CodecName[];
  /** Answer with the first of our order instead of the offerer's. Default false. */
  preferOwnOrder?: boolean;
  /** Threads that write recordings: one writes hundreds of WAV files, or encodes some 50 MP3 files. Default 1. */
  recordingThreads?: number;
  /** Memory in each worker for what is being said in sessions that are listened to. Default 64 MiB. */
  utteranceBytes?: number;
  /** How packets come and go: Node's sockets, the native addon, or (default) the addon where it was built. */
  packetIo?: PacketIo | 'auto';
}

/**
 * What the options mean for each worker.
 *
 * @throws MediaConfigError when an address is none, callers would be told a wildcard, or the native packet I/O is wanted
 * and cannot be had.
 */
export function workerSettings(options: MediaEngineOptions): WorkerSettings {
  const { host, advertiseHost } = options;
  for (const [name, value] of Object.entries({ host, advertiseHost })) {
    if (value !== undefined && isIP(value) === 0)
      throw new MediaConfigError(`${name} must be an IP address, not "${value}"`);
  }
  if (advertiseHost === undefined && (host === '0.0.0.0' || host === '::')) {
    throw new MediaConfigError(`With the wildcard host ${host} callers need a real address: set advertiseHost`);
  }
  return {
    host,
    rtpTimeoutMs: options.rtpTimeoutMs ?? 0,
    rtcpIntervalMs: options.rtcpIntervalMs ?? 5000,
    latchTimes: { learningMs: options.latchLearningMs ?? 1000, silenceMs: options.latchSilenceMs ?? 2000 },
    promptCacheBytes: options.promptCacheBytes ?? 64 * 1024 * 1024,
    maxCatchUpMs: options.maxCatchUpMs ?? 200,
    iceConsentMs: options.iceConsentMs ?? 30_000,
    utteranceBytes: options.utteranceBytes ?? 64 * 1024 * 1024,
    packetIo: packetIoOf(options),
  };
}

function packetIoOf({ packetIo = 'auto' }: MediaEngineOptions): PacketIo {
  try {
    return choosePacketIo(packetIo).packetIo;
  } catch (error) {
    throw new MediaConfigError((error as Error).message);
  }
}

/** @throws MediaConfigError when the number is not a whole one above 0. */
export function recordingThreadCount({ recordingThreads = 1 }: MediaEngineOptions): number {
  if (!Number.isInteger(recordingThreads) || recordingThreads < 1)
    throw new MediaConfigError(`recordingThreads must be 1 or more, not ${recordingThreads}`);
  return recordingThreads;
}

/** @throws MediaConfigError when the number is not a whole one above 0. */
export function workerCount({ workers = Math.max(1, availableParallelism() - 1) }: MediaEngineOptions): number {
  if (!Number.isInteger(workers) || workers < 1)
    throw new MediaConfigError(`workers must be 1 or more, not ${workers}`);
  return workers;
}

/** @throws MediaConfigError when none is left or one is unknown. */
export function srtpSuites({ srtpSuites: suites = SRTP_SUITE_NAMES }: MediaEngineOptions): readonly SrtpSuiteName[] {
  const unknown = suites.find((suite) => !SRTP_SUITE_NAMES.includes(suite));
  if (unknown === undefined && suites.length > 0) return suites;
  throw new MediaConfigError(
    `srtpSuites must name one or more of ${SRTP_SUITE_NAMES.join(', ')}, not "${unknown ?? ''}"`,
  );
}
