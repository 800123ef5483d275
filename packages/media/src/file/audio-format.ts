/** The formats we read; `vorbis` and `opus` in Ogg. */
export type AudioFormat = 'wav' | 'mp3' | 'flac' | 'vorbis' | 'opus' | 'aiff';

/** Formats we only recognise, so that the sender learns what to do. */
export type UnreadFormat = 'M4A/AAC' | 'WebM/Matroska' | 'CAF' | 'AMR';

const FORMAT_OF_CONTENT_TYPE: Readonly<Record<string, AudioFormat>> = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/x-mp3': 'mp3',
  'audio/mpeg3': 'mp3',
};

/**
 * Finds the format by the first bytes. The content type, which servers often get wrong, only decides when the bytes say
 * nothing, as for an MP3 stream cut from its middle. Returns null for what is not audio that we read.
 */
export function findAudioFormat(bytes: Uint8Array, contentType?: string): AudioFormat | null {
  const head = readHead(bytes);
  const magic = head.slice(0, 4);
  const kind = head.slice(8, 12);
  if ((magic === 'RIFF' || magic === 'RF64') && kind === 'WAVE') return 'wav';
  if (magic === 'fLaC') return 'flac';
  if (magic === 'OggS') return oggFormat(head);
  if (head.startsWith('ID3')) return 'mp3';
  if (magic === 'FORM' && (kind === 'AIFF' || kind === 'AIFC')) return 'aiff';
  if (isMpegAudioHeader(bytes)) return 'mp3';
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return FORMAT_OF_CONTENT_TYPE[mediaType] ?? null;
}

/** Names the format of a file that is sound but that we do not read, by its first bytes; null for all else. */
export function findUnreadFormat(bytes: Uint8Array): UnreadFormat | null {
  const head = readHead(bytes);
  if (head.slice(4, 8) === 'ftyp' || isAdtsHeader(bytes)) return 'M4A/AAC';
  if (head.startsWith('\x1aE\xdf\xa3')) return 'WebM/Matroska';
  if (head.startsWith('caff')) return 'CAF';
  if (head.startsWith('#!AMR')) return 'AMR';
  return null;
}

function readHead(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 128)).toString('latin1');
}

/** The codec stands at the start of the first packet (RFC 3533, RFC 7845 §5.1). */
function oggFormat(head: string): AudioFormat | null {
  if (head.includes('OpusHead')) return 'opus';
  if (head.includes('\x01vorbis')) return 'vorbis';
  return null;
}

/** An ADTS frame (ISO/IEC 14496-3): twelve sync bits, layer 0. */
function isAdtsHeader(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xf6) === 0xf0;
}

/** An MPEG audio frame (ISO/IEC 11172-3): eleven sync bits and no reserved version, layer, bit rate or sample rate. */
function isMpegAudioHeader(bytes: Uint8Array): boolean {
  const [sync = 0, kind = 0, rates = 0] = bytes;
  const version = (kind >> 3) & 3;
  const layer = (kind >> 1) & 3;
  return (
    sync === 0xff &&
    (kind & 0xe0) === 0xe0 &&
    version !== 1 &&
    layer !== 0 &&
    rates >> 4 !== 15 &&
    ((rates >> 2) & 3) !== 3
  );
}
