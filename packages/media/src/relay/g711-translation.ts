import { type AudioCodec, type CodecName, isOctetCodec } from '../codec/audio-codec.ts';
import { AUDIO_CODECS } from '../codec/codecs.ts';

const tables = new Map<string, Uint8Array>();

/** The octet of `to` for every octet of `from`, where both have one octet per sample (G.711); else null. */
export function translationOf(from: CodecName, to: CodecName): Uint8Array | null {
  const [source, target] = [AUDIO_CODECS[from], AUDIO_CODECS[to]];
  if (!isOctetCodec(source) || !isOctetCodec(target)) return null;
  const key = `${from}/${to}`;
  let table = tables.get(key);
  if (table === undefined) {
    table = translate(source, target);
    tables.set(key, table);
  }
  return table;
}

function translate(from: AudioCodec, to: AudioCodec): Uint8Array {
  const octets = Uint8Array.from({ length: 256 }, (_, octet) => octet);
  const samples = new Int16Array(256);
  from.createDecoder().decode(octets, 0, 256, samples, 0);
  to.createEncoder().encode(samples, 0, 256, octets, 0);
  return octets;
}
