import type { SynthesizedSpeech } from './provider.ts';

const HEADER_BYTES = 44;

/**
 * Reads the WAV files that speech engines and our cache write: 16-bit PCM, one channel. A length beyond the end, as
 * engines that write to a pipe leave it, means up to the end.
 *
 * @returns null when it is no such file
 */
export function readWave(bytes: Uint8Array): (SynthesizedSpeech & { complete: boolean }) | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < HEADER_BYTES || file.toString('latin1', 0, 4) !== 'RIFF') return null;
  if (file.toString('latin1', 8, 16) !== 'WAVEfmt ' || file.toString('latin1', 36, 40) !== 'data') return null;
  const isMonoPcm16 = file.readUInt16LE(20) === 1 && file.readUInt16LE(22) === 1 && file.readUInt16LE(34) === 16;
  const sampleRateHz = file.readUInt32LE(24);
  if (!isMonoPcm16 || sampleRateHz === 0) return null;
  const claimed = file.readUInt32LE(40);
  const dataBytes = Math.min(claimed, file.length - HEADER_BYTES);
  const samples = new Int16Array(dataBytes >> 1);
  for (let i = 0; i < samples.length; i++) samples[i] = file.readInt16LE(HEADER_BYTES + i * 2);
  return { samples, sampleRateHz, complete: claimed === file.length - HEADER_BYTES };
}

/** A WAV file (16-bit PCM, one channel) of the samples. */
export function writeWave({ samples, sampleRateHz }: SynthesizedSpeech): Uint8Array {
  const file = Buffer.alloc(HEADER_BYTES + samples.length * 2);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(sampleRateHz, 24);
  file.writeUInt32LE(sampleRateHz * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(samples.length * 2, 40);
  for (let i = 0; i < samples.length; i++) file.writeInt16LE(samples[i] as number, HEADER_BYTES + i * 2);
  return file;
}
