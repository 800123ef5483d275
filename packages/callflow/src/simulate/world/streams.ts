import type { Effect } from '../../io.ts';
import type { SimulatedStream } from '../script.ts';
import type { Schedule } from './world.ts';

const OPENS_MS = 50;
const CLOSES_MS = 10_000;

/** Opens the stream, unless the script has it fail; the far end of a bidirectional one closes some time later. */
export function startStream(
  { streamId, url, bidirectional }: Extract<Effect, { type: 'start_stream' }>,
  scripts: readonly SimulatedStream[],
  { later }: Schedule,
): void {
  const script = scripts.find((one) => one.url === undefined || one.url === url) ?? {};
  const { failure } = script;
  if (failure !== undefined) {
    later(OPENS_MS, streamId, (atMs) => ({ type: 'stream_failed', streamId, reason: failure, atMs }));
    return;
  }
  later(OPENS_MS, streamId, (atMs) => ({ type: 'stream_started', streamId, atMs }));
  const closesMs = script.closesMs === undefined && bidirectional ? CLOSES_MS : (script.closesMs ?? null);
  // What never happens is there to be taken back.
  later(OPENS_MS + (closesMs ?? Number.POSITIVE_INFINITY), streamId, (atMs) => {
    return { type: 'stream_ended', streamId, by: 'far_end', atMs };
  });
}

export function stopStream(streamId: string, { later, cancel }: Schedule): void {
  if (!cancel(streamId)) return;
  later(0, null, (atMs) => ({ type: 'stream_ended', streamId, by: 'stop', atMs }));
}
