import { decodeAlaw, decodeMulaw } from '../codec/g711.ts';
import { AudioDecodeError } from './audio-decode-error.ts';
import { isSampleRate, type MonoSamples, toInt16 } from './mono-samples.ts';

const PCM = 1;
const FLOAT = 3;
const ALAW = 6;
const MULAW = 7;
const EXTENSIBLE = 0xfffe;

type WavFormat = { tag: number; channels: number; sampleRateHz: number; sampleBytes: number };
type ReadSample = (view: DataView, offset: number) => number;

/**
 * Reads a RIFF/WAVE file (PCM of 8 to 32 bits, 32- and 64-bit float, µ-law, A-law; plain or WAVE_FORMAT_EXTENSIBLE) as one
 * channel, the mean of all. Lenient: a file cut short or with a placeholder length is read to its end, unknown chunks are
 * passed over, padding may be missing. Returns null for another codec, such as ADPCM.
 *
 * @throws AudioDecodeError `damaged` when the header makes no sense, `too_long` beyond `maxDurationMs`.
 */
export function readWav(bytes: Uint8Array, maxDurationMs: number): MonoSamples | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { format, dataOffset, dataLength } = findChunks(view);
  const readSample = sampleReader(format);
  if (readSample === null) return null;
  const { channels, sampleRateHz, sampleBytes } = format;
  const frames = Math.floor(dataLength / (channels * sampleBytes));
  if (frames > (maxDurationMs * sampleRateHz) / 1000) {
    const seconds = (frames / sampleRateHz).toFixed(1);
    throw new AudioDecodeError('too_long', `the WAV file lasts ${seconds} s; the limit is ${maxDurationMs / 1000} s`);
  }
  const samples = new Int16Array(frames);
  let offset = dataOffset;
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) {
      sum += readSample(view, offset);
      offset += sampleBytes;
    }
    samples[frame] = toInt16(sum / channels);
  }
  return { samples, sampleRateHz };
}

function findChunks(view: DataView): { format: WavFormat; dataOffset: number; dataLength: number } {
  let format: WavFormat | null = null;
  let offset = 12;
  while (offset + 8 <= view.byteLength) {
    const name = chunkName(view, offset);
    const size = view.getUint32(offset + 4, true);
    const start = offset + 8;
    if (name === 'fmt ') format = readFormat(view, start, size);
    if (name === 'data') {
      if (format === null) throw new AudioDecodeError('damaged', 'the WAV file has no "fmt " chunk before its data');
      const rest = view.byteLength - start;
      // Streaming writers leave 0 or the largest number where the length would be.
      const dataLength = size === 0 ? rest : Math.min(size, rest);
      return { format, dataOffset: start, dataLength };
    }
    const end = start + size;
    // Chunks begin at even offsets, but some writers forget the padding octet.
    const unpadded = end + 8 <= view.byteLength && ['data', 'fmt '].includes(chunkName(view, end));
    offset = unpadded ? end : end + (size & 1);
  }
  throw new AudioDecodeError('damaged', 'the WAV file has no "data" chunk');
}

function chunkName(view: DataView, offset: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(offset + i)));
}

function readFormat(view: DataView, start: number, size: number): WavFormat {
  if (size < 16 || start + 16 > view.byteLength) {
    throw new AudioDecodeError('damaged', `the "fmt " chunk of the WAV file is too short (${size} bytes)`);
  }
  const plainTag = view.getUint16(start, true);
  // The codec of an extensible header is the first field of its sub-format.
  const extended = plainTag === EXTENSIBLE && size >= 26 && start + 26 <= view.byteLength;
  const channels = view.getUint16(start + 2, true);
  const sampleRateHz = view.getUint32(start + 4, true);
  const sampleBytes = (view.getUint16(start + 14, true) + 7) >> 3;
  if (channels < 1 || channels > 64) {
    throw new AudioDecodeError('damaged', `the WAV file claims ${channels} channels`);
  }
  if (!isSampleRate(sampleRateHz)) {
    throw new AudioDecodeError('damaged', `the WAV file claims a sample rate of ${sampleRateHz} Hz`);
  }
  return { tag: extended ? view.getUint16(start + 24, true) : plainTag, channels, sampleRateHz, sampleBytes };
}

function sampleReader({ tag, sampleBytes }: WavFormat): ReadSample | null {
  switch (tag) {
    case PCM:
      return pcmReader(sampleBytes);
    case FLOAT:
      if (sampleBytes === 4) return (view, offset) => view.getFloat32(offset, true) * 32_768;
      return sampleBytes === 8 ? (view, offset) => view.getFloat64(offset, true) * 32_768 : null;
    case MULAW:
      return sampleBytes === 1 ? tableReader(decodeMulaw) : null;
    case ALAW:
      return sampleBytes === 1 ? tableReader(decodeAlaw) : null;
    default:
      return null;
  }
}

function pcmReader(sampleBytes: number): ReadSample | null {
  switch (sampleBytes) {
    case 1:
      return (view, offset) => (view.getUint8(offset) - 128) * 256;
    case 2:
      return (view, offset) => view.getInt16(offset, true);
    case 3:
      return (view, offset) => view.getInt16(offset + 1, true) + view.getUint8(offset) / 256;
    case 4:
      return (view, offset) => view.getInt32(offset, true) / 65_536;
    default:
      return null;
  }
}

function tableReader(expand: typeof decodeMulaw): ReadSample {
  const values = new Int16Array(256);
  const octets = Uint8Array.from(values, (_, i) => i);
  expand(octets, 0, values, 0, 256);
  return (view, offset) => values[view.getUint8(offset)] as number;
}
