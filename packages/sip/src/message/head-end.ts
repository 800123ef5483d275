const LF_CR_LF = Buffer.from('\n\r\n');
const LF_LF = Buffer.from('\n\n');

/**
 * Index of the first byte behind the empty line that ends the headers, at or after `start`; -1 when there is none.
 * Lines may end in CRLF or LF.
 */
export function findHeadEnd(buffer: Buffer, start: number): number {
  const withCr = buffer.indexOf(LF_CR_LF, start);
  const withoutCr = (withCr < 0 ? buffer : buffer.subarray(0, withCr)).indexOf(LF_LF, start);
  if (withoutCr >= 0) return withoutCr + LF_LF.length;
  return withCr < 0 ? -1 : withCr + LF_CR_LF.length;
}
