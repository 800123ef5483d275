import { parentPort } from 'node:worker_threads';
import { AudioDecodeError, type AudioDecodeReason } from './audio-decode-error.ts';
import { type DecodeFileOptions, decodeFile } from './decode-file.ts';

export type DecodeJob = { bytes: Uint8Array; options: DecodeFileOptions };

/** For each channel its samples, on a SharedArrayBuffer. */
export type DecodeAnswer =
  | { channels: Int16Array<SharedArrayBuffer>[] }
  | { reason: AudioDecodeReason; message: string };

async function answer({ bytes, options }: DecodeJob): Promise<DecodeAnswer> {
  try {
    const decoded = await decodeFile(bytes, options);
    return { channels: decoded.map(shared) };
  } catch (error) {
    if (error instanceof AudioDecodeError) return { reason: error.reason, message: error.message };
    return { reason: 'damaged', message: `the file does not decode: ${String(error)}` };
  }
}

function shared(decoded: Int16Array): Int16Array<SharedArrayBuffer> {
  const samples = new Int16Array(new SharedArrayBuffer(decoded.byteLength));
  samples.set(decoded);
  return samples;
}

const port = parentPort;
port?.on('message', async (job: DecodeJob) => port.postMessage(await answer(job)));
