/** Length of one frame by the TOC's configuration, in samples at 48 kHz (RFC 6716 table 2). */
const FRAME_UNITS = Int32Array.from({ length: 32 }, (_, configuration) => {
  if (configuration < 12) return [480, 960, 1920, 2880][configuration & 3] as number;
  if (configuration < 16) return [480, 960][configuration & 1] as number;
  return [120, 240, 480, 960][configuration & 3] as number;
});
/** No packet is longer than 120 ms (RFC 6716 §3.2.5). */
const LONGEST_PACKET_UNITS = 5760;

/**
 * Length of an Opus packet in samples at 48 kHz, from its first octets; 0 for what is no Opus packet.
 *
 *      0 1 2 3 4 5 6 7
 *     | config  |s| c |      c: 0 one frame, 1 and 2 two frames, 3 a count in the next octet
 */
export function opusPacketUnits(bytes: Uint8Array, at: number, length: number): number {
  if (length < 1) return 0;
  const toc = bytes[at] as number;
  const code = toc & 3;
  if (code === 3 && length < 2) return 0;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (bytes[at + 1] as number) & 63;
  const units = frames * (FRAME_UNITS[toc >> 3] as number);
  return units > LONGEST_PACKET_UNITS ? 0 : units;
}
