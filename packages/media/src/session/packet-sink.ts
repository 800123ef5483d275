/** Something that takes the far side's sound: the detector of in-band digits, the capture. */
export interface AudioSink {
  /**
   * The sound of one packet in order of arrival, no duplicates and none older than the one before; `samples` is reused
   * after the call.
   *
   * @param missing samples that should have come since the packet before, and did not.
   */
  accept(samples: Int16Array, n: number, sampleRateHz: number, missing: number): void;
}
