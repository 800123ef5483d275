import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { percent, rounded } from './statistics.ts';

/** A stretch of time by the clock of CPU profiles (monotonic, µs). */
export interface ProfiledWindow {
  fromUs: number;
  toUs: number;
  /** Received and sent. */
  packets: number;
  /** Time that the media worker's thread ran, as the kernel counts it. */
  threadUs: number;
}

/** A CPU profile as V8 writes it. */
export interface CpuProfile {
  nodes: { id: number; callFrame: CallFrame; children?: number[] }[];
  startTime: number;
  samples: number[];
  timeDeltas: number[];
}

interface CallFrame {
  functionName: string;
  url: string;
}

/** Where a media worker's time goes, and the functions that take most of it. */
export interface PacketCosts {
  /** Microseconds for each packet received or sent; `all` is the kernel's count, the stages are the profile's. */
  us_per_packet_by_stage: Record<string, number | null>;
  /** Microseconds per packet that the functions took themselves, the longest first. */
  top: Record<string, number | null>;
  idle_pct: number | null;
}

/**
 * The stages of a packet's way by files of our own and by functions, the first that fits; what fits none belongs to the stage
 * that called it: so the parts of a codec are its encoder's or its decoder's.
 */
const STAGES: readonly (readonly [stage: string, file: RegExp, name?: RegExp])[] = [
  ['send', /worker\/(native-packet-io|dgram-socket)/, /^(queue|flush|send|#flush)$/],
  ['receive', /worker\/(native-packet-io|dgram-socket|batch)|node:(dgram|internal\/dgram)/],
  ['timers', /worker\/(clock|packet-schedule)|node:internal\/timers/],
  ['encode', /src\/codec\//, /^encode/],
  ['decode', /src\/codec\//, /^(decode|conceal|recover)/],
  ['protect', /src\/(srtp|dtls|ice)\/|session\/secur/],
  ['relay', /src\/(relay|bridge)\/|session\/packet-forward/],
  ['mix', /src\/mix\//],
  ['health', /src\/health\//],
  ['digits and detection', /src\/(detect|listen)\/|(event|inband)-digits|telephone-event/],
  ['RTCP', /rtcp/],
  ['recording and streams', /src\/(record|stream)\/|sent-tap|capture/],
  ['RTP out', /session\/(outgoing|rtp-sender|player|prompt|silence|seam|packet-source)|rtp\/stream-timeline/],
  ['jitter buffer', /frame-stage|jitter-buffer|audio-reader|time-scale|packet-ring|recent-minimum|arrival-|patience/],
  ['RTP in', /session\/(incoming|rtp-stream|packet-)|src\/rtp\//],
];
const GARBAGE = '(garbage collector)';
const IDLE = '(idle)';
/** Of all threads' profiles the media worker's is the one that spends its time here. */
const MEDIA_WORKER = /packages\/media\/src\/(worker|session)\//;
const TOP_FUNCTIONS = 12;
/** A profile takes what native code does before it calls JavaScript for idleness: receiving, and waiting for packets. */
const BEFORE_JAVASCRIPT = 'receive and wait in native code';

/** The costs of the media worker that was busiest in the window, from the profiles written since `sinceMs`; null: none. */
export function packetCosts(directory: string, window: ProfiledWindow, sinceMs: number): PacketCosts | null {
  const profiles = readdirSync(directory)
    .filter((name) => name.endsWith('.cpuprofile') && statSync(join(directory, name)).mtimeMs >= sinceMs)
    .map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as CpuProfile)
    .map((profile) => ({ profile, weight: mediaWeight(profile) }))
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight);
  return profiles[0] === undefined ? null : costsOf(profiles[0].profile, window);
}

function mediaWeight({ nodes, samples }: CpuProfile): number {
  const ours = new Set(nodes.filter(({ callFrame }) => MEDIA_WORKER.test(callFrame.url)).map(({ id }) => id));
  return samples.filter((id) => ours.has(id)).length;
}

/** What one profile says about a window. A profile measures time: what interrupted the thread is part of it. */
export function costsOf(profile: CpuProfile, { fromUs, toUs, packets, threadUs }: ProfiledWindow): PacketCosts {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const stageOf = stagesOf(profile);
  const byStage = new Map<string, number>();
  const byFunction = new Map<string, number>();
  let [idleUs, allUs, atUs] = [0, 0, profile.startTime];
  for (const [i, id] of profile.samples.entries()) {
    // The time from a sample to the next one is the sample's.
    atUs += profile.timeDeltas[i] ?? 0;
    const spentUs = profile.timeDeltas[i + 1] ?? 0;
    if (atUs < fromUs || atUs > toUs) continue;
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === IDLE) {
      idleUs += spentUs;
      continue;
    }
    allUs += spentUs;
    const name = `${frame.functionName || '(anonymous)'} ${frame.url.split('/').at(-1) ?? ''}`.trim();
    add(byStage, stageOf.get(id) ?? 'other', spentUs);
    add(byFunction, name, spentUs);
  }
  const perPacket = (entries: [string, number][]) =>
    Object.fromEntries(
      entries.toSorted((a, b) => b[1] - a[1]).map(([name, us]) => [name, rounded(us / Math.max(1, packets), 3)]),
    );
  add(byStage, BEFORE_JAVASCRIPT, Math.max(0, threadUs - allUs));
  return {
    us_per_packet_by_stage: { all: rounded(threadUs / Math.max(1, packets), 3), ...perPacket([...byStage]) },
    top: Object.fromEntries(Object.entries(perPacket([...byFunction])).slice(0, TOP_FUNCTIONS)),
    idle_pct: rounded(percent(idleUs, idleUs + allUs), 1),
  };
}

/** The stage of each node: its own or, where it tells none, that of its caller. */
function stagesOf({ nodes }: CpuProfile): Map<number, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const stages = new Map<number, string>();
  const isChild = new Set(nodes.flatMap(({ children }) => children ?? []));
  const waiting = nodes.filter(({ id }) => !isChild.has(id)).map(({ id }) => ({ id, caller: 'other' }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const node = byId.get(next.id);
    if (node === undefined) continue;
    const stage = ownStage(node.callFrame) ?? next.caller;
    stages.set(next.id, stage);
    for (const id of node.children ?? []) waiting.push({ id, caller: stage });
  }
  return stages;
}

function ownStage({ functionName, url }: CallFrame): string | null {
  if (functionName === GARBAGE) return 'garbage collection';
  if (functionName === '(program)') return 'native code outside of functions';
  return STAGES.find(([, file, name]) => file.test(url) && (name?.test(functionName) ?? true))?.[0] ?? null;
}

function add(sums: Map<string, number>, name: string, value: number): void {
  sums.set(name, (sums.get(name) ?? 0) + value);
}
