import type { CallState } from './state.ts';

/** The next number of the call's own generator (mulberry32): at least 0, less than 1, the same for the same seed. */
export function nextRandom(call: CallState): number {
  call.randomState = (call.randomState + 0x6d2b79f5) | 0;
  let mixed = Math.imul(call.randomState ^ (call.randomState >>> 15), 1 | call.randomState);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
}
