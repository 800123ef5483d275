const SAMPLE_RATE_HZ = 8000;
const HARMONICS = 11;

/** What a call is made to hear. */
export interface Prompt {
  /** Name of the file at the callback server. */
  file: string;
  samples: Int16Array;
}

/** The prompt of the scenarios, and one that sounds alike but is not the same, for telling whether a call got its own. */
export const prompt30 = buzz('prompt30.wav', 30, 130);
export const prompt30High = buzz('prompt30-high.wav', 30, 170);
/** What is said at the end of `dtmf`. */
export const prompt2 = buzz('prompt2.wav', 2, 130);

/** Bursts of a buzzing tone at the pace of syllables; `prompt30.wav` is sample by sample that of other benchmarks. */
function buzz(file: string, seconds: number, pitchHz: number): Prompt {
  const samples = new Int16Array(seconds * SAMPLE_RATE_HZ);
  for (let i = 0; i < samples.length; i++) {
    const t = i / SAMPLE_RATE_HZ;
    const envelope = Math.max(0, Math.sin(2 * Math.PI * 3.1 * t));
    let tone = 0;
    for (let h = 1; h <= HARMONICS; h++) tone += Math.sin(2 * Math.PI * pitchHz * h * t) / h;
    samples[i] = Math.round(envelope * tone * 6000);
  }
  return { file, samples };
}

/** A mono 16-bit WAV file at 8 kHz. */
export function waveFile(samples: Int16Array): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // mono
  header.writeUInt32LE(SAMPLE_RATE_HZ, 24);
  header.writeUInt32LE(SAMPLE_RATE_HZ * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)]);
}
