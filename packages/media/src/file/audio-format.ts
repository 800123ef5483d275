/** The formats we read, by the name that the decoding library gives them. */
export type AudioFormat = 'wav' | 'mp3' | 'flac' | 'opus' | 'oga' | 'm4a' | 'aac' | 'webm' | 'aiff' | 'caf' | 'amr';

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
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 128)).toString('latin1');
  const magic = head.slice(0, 4);
  const kind = head.slice(8, 12);
  if ((magic === 'RIFF' || magic === 'RF64') && kind === 'WAVE') return 'wav';
  if (magic === 'fLaC') return 'flac';
  if (magic === 'OggS') return oggFormat(head);
  if (head.startsWith('ID3')) return 'mp3';
  if (head.slice(4, 8) === 'ftyp') return 'm4a';
  if (magic === '\x1aE\xdf\xa3') return 'webm';
  if (magic === 'FORM' && (kind === 'AIFF' || kind === 'AIFC')) return 'aiff';
  if (magic === 'caff') return 'caf';
  if (head.startsWith('#!AMR')) return 'amr';
  if (isAdtsHeader(bytes)) return 'aac';
  if (isMpegAudioHeader(bytes)) return 'mp3';
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return FORMAT_OF_CONTENT_TYPE[mediaType] ?? null;
}

/** The codec stands at the start of the first packet (RFC 3533, RFC 7845 §5.1). */
function oggFormat(head: string): AudioFormat | null {
  if (head.includes('OpusHead')) return 'opus';
  if (head.includes('\x01vorbis')) return 'oga';
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
