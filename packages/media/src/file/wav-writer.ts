const HEADER_BYTES = 44;

/**
 * A complete WAV file (RIFF, 16-bit PCM, little-endian) of the samples.
 *
 * @param samples one channel, or the channels interleaved sample by sample
 */
export function writeWav(samples: Int16Array, sampleRateHz: number, channels = 1): Uint8Array {
  const dataBytes = samples.length * 2;
  const file = new Uint8Array(HEADER_BYTES + dataBytes);
  const view = new DataView(file.buffer);
  writeName(file, 0, 'RIFF');
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  writeName(file, 8, 'WAVE');
  writeName(file, 12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  writeName(file, 36, 'data');
  view.setUint32(40, dataBytes, true);
  for (let i = 0; i < samples.length; i++) view.setInt16(HEADER_BYTES + i * 2, samples[i] as number, true);
  return file;
}

function writeName(file: Uint8Array, offset: number, name: string): void {
  for (let i = 0; i < name.length; i++) file[offset + i] = name.charCodeAt(i);
}
