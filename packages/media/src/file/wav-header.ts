/** Length of {@link writeWavHeader}'s header, behind which the samples begin. */
export const WAV_HEADER_BYTES = 44;

/** Writes the header of a RIFF/WAVE file of 16-bit PCM with so many octets of samples behind it. */
export function writeWavHeader(file: Uint8Array, sampleRateHz: number, channels: number, dataBytes: number): void {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  writeName(file, 0, 'RIFF');
  view.setUint32(4, WAV_HEADER_BYTES - 8 + dataBytes, true);
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
}

function writeName(file: Uint8Array, offset: number, name: string): void {
  for (let i = 0; i < name.length; i++) file[offset + i] = name.charCodeAt(i);
}
