const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477, 1633];
const KEYS = '123A456B789C*0#D';

/** The two tones of a key (ITU-T Q.23), each at -9 dBm0 or so. */
export function dtmfTone(key: string, durationMs: number, sampleRateHz: number): Int16Array {
  const index = KEYS.indexOf(key);
  if (index < 0) throw new Error(`'${key}' is no telephone key`);
  const low = ROWS[index >> 2] ?? 0;
  const high = COLUMNS[index & 3] ?? 0;
  const samples = new Int16Array(Math.round((durationMs * sampleRateHz) / 1000));
  for (let i = 0; i < samples.length; i++) {
    const angle = (2 * Math.PI * i) / sampleRateHz;
    samples[i] = Math.round(6_000 * (Math.sin(angle * low) + Math.sin(angle * high)));
  }
  return samples;
}
