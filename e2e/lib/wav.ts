import { readFileSync, writeFileSync } from 'node:fs';

/** Writes mono 16-bit PCM. */
export function writeWav(file: string, samples: Int16Array, sampleRateHz: number): void {
  const header = Buffer.alloc(44);
  const bytes = samples.length * 2;
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + bytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRateHz, 24);
  header.writeUInt32LE(sampleRateHz * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(bytes, 40);
  writeFileSync(file, Buffer.concat([header, Buffer.from(samples.buffer, samples.byteOffset, bytes)]));
}

/** Reads 16-bit PCM; of several channels the first. A data chunk of unknown length (a file still open) goes to the end. */
export function readWav(file: string): { samples: Int16Array; sampleRateHz: number } {
  const bytes = readFileSync(file);
  if (bytes.length < 44 || bytes.toString('latin1', 0, 4) !== 'RIFF') throw new Error(`${file} is not a WAV file`);
  let channels = 1;
  let sampleRateHz = 8_000;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const start = at + 8;
    if (name === 'fmt ') {
      channels = bytes.readUInt16LE(start + 2);
      sampleRateHz = bytes.readUInt32LE(start + 4);
      const bits = bytes.readUInt16LE(start + 14);
      if (bits !== 16) throw new Error(`${file} has ${bits} bits per sample, 16 expected`);
    }
    if (name === 'data') {
      const end = size === 0 ? bytes.length : Math.min(bytes.length, start + size);
      const samples = new Int16Array(Math.floor((end - start) / 2 / channels));
      for (let i = 0; i < samples.length; i++) samples[i] = bytes.readInt16LE(start + i * 2 * channels);
      return { samples, sampleRateHz };
    }
    at = start + size + (size % 2);
  }
  throw new Error(`${file} has no data chunk`);
}
