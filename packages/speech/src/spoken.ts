/** A text as sound. The samples may be shared by many listeners: never write to them. */
export type Spoken = {
  /** Names the content: equal text, voice and engine give an equal id, and equal samples. */
  id: string;
  /** One channel of 16-bit samples, on shared memory so that media workers play them without a copy. */
  samples: Int16Array<SharedArrayBuffer>;
  sampleRateHz: number;
  durationMs: number;
};

/** Puts samples onto shared memory, unless they are there. */
export function toSpoken(id: string, samples: Int16Array, sampleRateHz: number): Spoken {
  const durationMs = (samples.length * 1000) / sampleRateHz;
  if (isShared(samples)) return { id, samples, sampleRateHz, durationMs };
  const shared = new Int16Array(new SharedArrayBuffer(samples.byteLength));
  shared.set(samples);
  return { id, samples: shared, sampleRateHz, durationMs };
}

function isShared(samples: Int16Array): samples is Int16Array<SharedArrayBuffer> {
  return samples.buffer instanceof SharedArrayBuffer;
}
