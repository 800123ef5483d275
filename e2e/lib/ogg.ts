/** The packets of a file of one Ogg stream (RFC 3533), headers included. */
export function oggPackets(file: Buffer): Uint8Array[] {
  const packets: Uint8Array[] = [];
  let parts: Buffer[] = [];
  for (let at = 0; at + 27 <= file.length; ) {
    if (file.toString('latin1', at, at + 4) !== 'OggS') throw new Error(`no Ogg page at octet ${at}`);
    const segments = file[at + 26] ?? 0;
    const lengths = file.subarray(at + 27, at + 27 + segments);
    at += 27 + segments;
    for (const length of lengths) {
      parts.push(file.subarray(at, at + length));
      at += length;
      if (length === 255) continue;
      packets.push(Buffer.concat(parts));
      parts = [];
    }
  }
  return packets;
}
