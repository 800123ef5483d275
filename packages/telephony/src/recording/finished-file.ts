import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';

/** What the books say of a recording that is there. */
export interface FinishedFile {
  bytes: number;
  sha256: string;
  /** 0 when it is not known: that of an MP3 file. */
  durationMs: number;
}

const WAV_HEADER_BYTES = 44;

/** The figures of a recording under its own name, which is whole; null when there is none. Hashed piece by piece. */
export async function finishedFile(path: string): Promise<FinishedFile | null> {
  try {
    const { size } = await stat(path);
    if (size === 0) return null;
    const durationMs = path.endsWith('.wav') ? await wavDurationMs(path, size) : 0;
    const hash = createHash('sha256');
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 18 })) hash.update(piece as Buffer);
    return { bytes: size, sha256: hash.digest('hex'), durationMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The octets a second stand at 28 in the header of RIFF/WAVE with PCM, as we write it. */
async function wavDurationMs(path: string, size: number): Promise<number> {
  const file = await open(path);
  try {
    const header = Buffer.alloc(WAV_HEADER_BYTES);
    const { bytesRead } = await file.read(header, 0, WAV_HEADER_BYTES, 0);
    const bytesPerSecond = bytesRead < WAV_HEADER_BYTES ? 0 : header.readUInt32LE(28);
    return bytesPerSecond === 0 ? 0 : Math.round(((size - WAV_HEADER_BYTES) * 1000) / bytesPerSecond);
  } finally {
    await file.close();
  }
}
