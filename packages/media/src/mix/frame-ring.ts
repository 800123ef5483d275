/** Frames in the ring: two are waiting as a rule, the rest is room for threads that run late. */
const SLOTS = 8;
/** Samples of a frame at 8 and at 16 kHz, one after the other, behind two flags. */
const NARROW_SAMPLES = 160;
const WIDE_SAMPLES = 320;
const SLOT_SAMPLES = 2 + NARROW_SAMPLES + WIDE_SAMPLES;
const HEADER_BYTES = 8;

/** Memory for one sender's frames of 20 ms, for one writer and any number of readers on other threads. */
export function newFrameRing(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + SLOTS * SLOT_SAMPLES * Int16Array.BYTES_PER_ELEMENT);
}
