/** Frames of one sender, in memory that two workers share. The id tells rings apart, as every message makes new objects. */
export interface FrameRingMemory {
  ringId: number;
  memory: SharedArrayBuffer;
}
