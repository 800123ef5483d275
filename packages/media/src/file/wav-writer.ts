import { WAV_HEADER_BYTES, writeWavHeader } from './wav-header.ts';

/**
 * A complete WAV file (RIFF, 16-bit PCM, little-endian) of the samples.
 *
 * @param samples one channel, or the channels interleaved sample by sample
 */
export function writeWav(samples: Int16Array, sampleRateHz: number, channels = 1): Uint8Array {
  const dataBytes = samples.length * 2;
  const file = new Uint8Array(WAV_HEADER_BYTES + dataBytes);
  writeWavHeader(file, sampleRateHz, channels, dataBytes);
  const view = new DataView(file.buffer);
  for (let i = 0; i < samples.length; i++) view.setInt16(WAV_HEADER_BYTES + i * 2, samples[i] as number, true);
  return file;
}
