import { parentPort, workerData } from 'node:worker_threads';
import { readWave } from '../wave.ts';
import { OUTPUT_PATH, runProgram } from './wasi-program.ts';
import type { WasmModule } from './web-assembly.ts';

/** `rate` and `pitch` are factors; `isPhones`: the text is names of sounds. */
export type FliteJob = { text: string; isPhones: boolean; voice: string; rate: number; pitch: number };
export type FliteAnswer = { samples: Int16Array<ArrayBuffer>; sampleRateHz: number } | { failure: string };

/** Some minutes at 16 kHz, far beyond any sentence. */
const OUTPUT_LIMIT_BYTES = 16 << 20;

const { module } = workerData as { module: WasmModule };

/** The program keeps its state in its memory, so every sentence gets a fresh instance. */
function speak({ text, isPhones, voice, rate, pitch }: FliteJob): FliteAnswer {
  const features: [name: string, value: number][] = [];
  if (rate !== 1) features.push(['duration_stretch', 1 / rate]);
  if (pitch !== 1) features.push(['f0_shift', pitch]);
  const manner = features.flatMap(([name, value]) => ['--setf', `${name}=${value.toFixed(4)}`]);
  const args = ['flite', '-voice', voice, ...manner, isPhones ? '-p' : '-t', text, '-o', OUTPUT_PATH];
  const { exitCode, output, message } = runProgram(module, args, OUTPUT_LIMIT_BYTES);
  if (exitCode !== 0) return { failure: `flite ended with code ${exitCode}: ${message.trim()}` };
  const wave = readWave(output);
  if (wave === null) return { failure: `flite gave no sound: ${message.trim()}` };
  return { samples: new Int16Array(wave.samples), sampleRateHz: wave.sampleRateHz };
}

function answer(job: FliteJob): FliteAnswer {
  try {
    return speak(job);
  } catch (error) {
    return { failure: String(error) };
  }
}

const port = parentPort;
port?.on('message', (job: FliteJob) => {
  const answered = answer(job);
  port.postMessage(answered, 'samples' in answered ? [answered.samples.buffer] : []);
});
