import { open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { WAV_HEADER_BYTES, writeWavHeader } from '../file/wav-header.ts';
import { sha256OfFile } from './checksum.ts';
import { PART_SUFFIX } from './recording-file.ts';

/** A recording that was left unfinished and is whole again. */
export interface RecoveredRecording {
  /** Its file, under its own name now. */
  path: string;
  bytes: number;
  sha256: string;
  /** Of a WAV file's sound; null for an MP3 file. */
  durationMs: number | null;
}

/**
 * Finishes the recordings that a killed process left in a folder: lengths in WAV headers are mended, `NAME.part` becomes
 * `NAME`, files without sound are removed. To be called before new recordings begin there. Files that cannot be mended
 * stay as they are and are left out of the result.
 */
export async function recoverRecordings(folder: string): Promise<RecoveredRecording[]> {
  const recovered: RecoveredRecording[] = [];
  for (const name of await readdir(folder)) {
    if (!name.endsWith(PART_SUFFIX)) continue;
    const part = join(folder, name);
    const path = part.slice(0, -PART_SUFFIX.length);
    if (await exists(path)) continue;
    const durationMs = name.endsWith(`.wav${PART_SUFFIX}`) ? await mendWav(part) : null;
    const { size } = await stat(part);
    if (size === 0 || durationMs === 0) {
      await unlink(part);
      continue;
    }
    if (durationMs !== null && durationMs < 0) continue;
    await rename(part, path);
    recovered.push({ path, bytes: size, sha256: await sha256OfFile(path), durationMs });
  }
  return recovered;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Makes a WAV file's header say what is there; returns the length of its sound, -1 when it is no WAV file of ours. */
async function mendWav(path: string): Promise<number> {
  const file = await open(path, 'r+');
  try {
    const header = new Uint8Array(WAV_HEADER_BYTES);
    const { bytesRead } = await file.read(header, 0, WAV_HEADER_BYTES, 0);
    if (bytesRead === 0) return 0;
    const view = new DataView(header.buffer);
    const channels = view.getUint16(22, true);
    const sampleRateHz = view.getUint32(24, true);
    const expected = new Uint8Array(WAV_HEADER_BYTES);
    writeWavHeader(expected, sampleRateHz, channels, view.getUint32(40, true));
    if (bytesRead < WAV_HEADER_BYTES || !Buffer.from(header).equals(expected) || channels === 0 || sampleRateHz === 0) {
      return -1;
    }
    const { size } = await file.stat();
    const frames = Math.floor((size - WAV_HEADER_BYTES) / (2 * channels));
    writeWavHeader(header, sampleRateHz, channels, frames * 2 * channels);
    await file.truncate(WAV_HEADER_BYTES + frames * 2 * channels);
    await file.write(header, 0, WAV_HEADER_BYTES, 0);
    await file.datasync();
    return Math.round((frames * 1000) / sampleRateHz);
  } finally {
    await file.close();
  }
}
