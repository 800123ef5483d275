import { resample } from '../dsp/resample.ts';
import { AudioDecodeError } from './audio-decode-error.ts';
import { type AudioFormat, findAudioFormat, findUnreadFormat } from './audio-format.ts';
import { isSampleRate, toInt16 } from './mono-samples.ts';
import { type DecodedPiece, openStreamDecoder } from './stream-decoder.ts';
import { readWav } from './wav-reader.ts';

export type DecodeFileOptions = {
  contentType: string | undefined;
  maxDurationMs: number;
  toSampleRateHz: number;
  /** So many channels apart; absent: one, of all mixed. */
  channels?: number | undefined;
};

// A small piece bounds what a file that packs hours into a few octets can make of it before the length is checked.
const PIECE_BYTES = 4096;
// AIFF is gathered until its sound begins, which costs a copy of all for every piece: not too many, then.
const AIFF_PIECES = 256;
// What people can send who sent something else.
const ADVICE = 'send WAV, MP3, Ogg or FLAC';

/**
 * Decodes a whole audio file at `toSampleRateHz`, to one array of samples for each channel that is wanted. Runs in a worker:
 * hostile files can keep a decoder busy.
 *
 * @throws AudioDecodeError
 */
export async function decodeFile(bytes: Uint8Array, options: DecodeFileOptions): Promise<Int16Array[]> {
  if (bytes.length === 0) throw new AudioDecodeError('empty', 'the file is empty');
  const unread = findUnreadFormat(bytes);
  if (unread !== null) {
    throw new AudioDecodeError('unread_format', `the file is ${unread}, a format that is not read here; ${ADVICE}`);
  }
  const format = findAudioFormat(bytes, options.contentType);
  if (format === null) throw new AudioDecodeError('not_audio', describeForeign(bytes, options.contentType));
  const gathered = new Gatherer(options);
  const wav = format === 'wav' ? readWav(bytes, options.maxDurationMs) : null;
  if (wav === null) {
    await decodePieces(bytes, format, gathered);
  } else {
    gathered.add([wav.samples], wav.sampleRateHz, 1);
  }
  return gathered.finish(format);
}

async function decodePieces(bytes: Uint8Array, format: AudioFormat, gathered: Gatherer): Promise<void> {
  const add = ({ channelData, sampleRate }: DecodedPiece) => gathered.add(channelData, sampleRate, 32_768);
  const pieceBytes = Math.max(PIECE_BYTES, format === 'aiff' ? Math.ceil(bytes.length / AIFF_PIECES) : 0);
  try {
    const decoder = await openStreamDecoder(format);
    try {
      for (let offset = 0; offset < bytes.length; offset += pieceBytes) {
        add(decoder.decode(bytes.subarray(offset, offset + pieceBytes)));
      }
      if (decoder.flush) add(decoder.flush());
    } finally {
      decoder.free();
    }
  } catch (error) {
    if (error instanceof AudioDecodeError) throw error;
    // What came before the damage is worth playing; a cut-off file is common.
    if (gathered.isEmpty) {
      throw new AudioDecodeError('damaged', `the ${format} file does not decode: ${String(error)}`, { cause: error });
    }
  }
}

/** Watches the length of decoded pieces, and brings runs of equal rate to the wanted one. */
class Gatherer {
  readonly #options: DecodeFileOptions;
  readonly #tracks: { finished: Int16Array[]; run: Int16Array[] }[];
  #runRateHz = 0;
  #durationMs = 0;

  constructor(options: DecodeFileOptions) {
    this.#options = options;
    this.#tracks = Array.from({ length: options.channels ?? 1 }, () => ({ finished: [], run: [] }));
  }

  get isEmpty(): boolean {
    return this.#durationMs === 0;
  }

  /** Adds a piece of one array per channel; `scale` brings its samples to 16-bit units. */
  add(channels: readonly ArrayLike<number>[], sampleRateHz: number, scale: number): void {
    const length = channels[0]?.length ?? 0;
    if (length === 0) return;
    if (!isSampleRate(sampleRateHz)) {
      throw new AudioDecodeError('damaged', `the file claims a sample rate of ${sampleRateHz} Hz`);
    }
    this.#durationMs += (length * 1000) / sampleRateHz;
    if (this.#durationMs > this.#options.maxDurationMs) {
      const limit = this.#options.maxDurationMs / 1000;
      throw new AudioDecodeError('too_long', `the audio is longer than the limit of ${limit} s`);
    }
    if (sampleRateHz !== this.#runRateHz) this.#endRun();
    this.#runRateHz = sampleRateHz;
    const isMixed = this.#options.channels === undefined;
    for (const [index, { run }] of this.#tracks.entries()) {
      const from = Math.min(index, channels.length - 1);
      run.push(mixDown(isMixed ? channels : channels.slice(from, from + 1), length, scale));
    }
  }

  finish(format: AudioFormat): Int16Array[] {
    this.#endRun();
    const tracks = this.#tracks.map(({ finished }) => concatenate(finished));
    if (tracks[0]?.length === 0) throw new AudioDecodeError('empty', `the ${format} file holds no sound`);
    return tracks;
  }

  #endRun(): void {
    for (const track of this.#tracks) {
      if (track.run.length === 0) continue;
      track.finished.push(resample(concatenate(track.run), this.#runRateHz, this.#options.toSampleRateHz));
      track.run = [];
    }
  }
}

function mixDown(channels: readonly ArrayLike<number>[], length: number, scale: number): Int16Array {
  const mixed = new Int16Array(length);
  const factor = scale / channels.length;
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (const channel of channels) sum += channel[i] as number;
    mixed[i] = toInt16(sum * factor);
  }
  return mixed;
}

function concatenate(pieces: readonly Int16Array[]): Int16Array {
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return first;
  const whole = new Int16Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

function describeForeign(bytes: Uint8Array, contentType: string | undefined): string {
  const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  const shown = /^[\x20-\x7e\s]+$/.test(start)
    ? JSON.stringify(start)
    : Buffer.from(bytes.subarray(0, 8)).toString('hex');
  const claimed = contentType === undefined ? '' : ` (content type ${JSON.stringify(contentType)})`;
  return `this is no audio file that can be read${claimed}: it begins with ${shown}; ${ADVICE}`;
}
