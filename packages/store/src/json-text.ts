/** Stands for NUL, which PostgreSQL cannot store in text. */
const nulSymbol = '\u2400';
const replacementCharacter = '\ufffd';

/** The string as PostgreSQL can hold it: NUL becomes U+2400 (␀), a lone surrogate U+FFFD (�). */
export function storableText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', nulSymbol) : wellFormed;
}

/**
 * `JSON.stringify` for a `jsonb` column: keys and strings are changed as in {@link storableText}.
 * @throws TypeError for cycles and big integers, as `JSON.stringify` does.
 */
export function toJsonText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  // JSON.stringify escapes a surrogate only when it is alone.
  if (!text.includes('\\u0000') && !text.includes('\\ud')) return text;
  // Every escape is matched, so that the second half of `\\` never starts one.
  return text.replace(/\\(?:u[0-9a-f]{4}|.)/g, (sequence) => {
    if (sequence === '\\u0000') return nulSymbol;
    return sequence.startsWith('\\ud') ? replacementCharacter : sequence;
  });
}
