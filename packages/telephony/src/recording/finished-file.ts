import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';

/** What the books say of a recording that is there. */
export interface FinishedFile {
  bytes: number;
  sha256: string;
  /** 0 when it is not known. */
  durationMs: number;
}

const WAV_HEADER_BYTES = 44;
/** ISO/IEC 13818-3, layer III at the lower rates, which ours have (8 and 16 kHz). */
const MP3_BITRATES_KBPS = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

/** The figures of a recording under its own name, which is whole; null when there is none. Hashed piece by piece. */
export async function finishedFile(path: string): Promise<FinishedFile | null> {
  try {
    const { size } = await stat(path);
    if (size === 0) return null;
    const header = await beginningOf(path);
    const durationMs = path.endsWith('.wav') ? wavDurationMs(header, size) : mp3DurationMs(header, size);
    const hash = createHash('sha256');
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 18 })) hash.update(piece as Buffer);
    return { bytes: size, sha256: hash.digest('hex'), durationMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The first octets, zeros where the file is shorter. */
async function beginningOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const header = Buffer.alloc(WAV_HEADER_BYTES);
    await file.read(header, 0, WAV_HEADER_BYTES, 0);
    return header;
  } finally {
    await file.close();
  }
}

/** The octets a second stand at 28 in the header of RIFF/WAVE with PCM, as we write it. */
function wavDurationMs(header: Buffer, size: number): number {
  const bytesPerSecond = header.readUInt32LE(28);
  return bytesPerSecond === 0 ? 0 : Math.max(0, Math.round(((size - WAV_HEADER_BYTES) * 1000) / bytesPerSecond));
}

/** The bit rate, constant in our files, stands in the header of the first frame. */
function mp3DurationMs(header: Buffer, size: number): number {
  const isFrame = header.readUInt16BE(0) >>> 5 === 0x7ff;
  const bitsPerMs = isFrame ? (MP3_BITRATES_KBPS[header.readUInt8(2) >>> 4] ?? 0) : 0;
  return bitsPerMs === 0 ? 0 : Math.round((size * 8) / bitsPerMs);
}
