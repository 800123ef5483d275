import { readPath } from './path.ts';

/** A place in a text where a variable's value goes; `spread`: its characters one by one. */
export interface Slot {
  path: string[];
  spread: boolean;
}

/** A text cut into what stays (strings) and what is filled in. */
export type Template = readonly (string | Slot)[];

interface SlotInText extends Slot {
  end: number;
}

/** `${name}`, `${...name.path}`, `{{$name}}`, `{{...$name.path}}`; anything else in braces stays as it is. */
export function parseTemplate(text: string): Template {
  const pieces: (string | Slot)[] = [];
  let kept = 0;
  // Each `{` begins one attempt, and an attempt ends before the next `{`: linear in the text.
  for (let brace = text.indexOf('{'); brace !== -1; brace = text.indexOf('{', brace + 1)) {
    const afterDollar = brace > kept && text[brace - 1] === '$' ? readSlot(text, brace + 1, '', '}') : null;
    const slot = afterDollar ?? (text[brace + 1] === '{' ? readSlot(text, brace + 2, '$', '}}') : null);
    if (slot === null) continue;
    const start = afterDollar === null ? brace : brace - 1;
    if (start > kept) pieces.push(text.slice(kept, start));
    pieces.push({ path: slot.path, spread: slot.spread });
    kept = slot.end;
    brace = slot.end - 1;
  }
  if (kept < text.length) pieces.push(text.slice(kept));
  return pieces;
}

function readSlot(text: string, at: number, sigil: string, close: string): SlotInText | null {
  const spread = text.startsWith('...', at);
  const nameAt = spread ? at + 3 : at;
  if (!text.startsWith(sigil, nameAt)) return null;
  const read = readPath(text, nameAt + sigil.length);
  if (read === null || !text.startsWith(close, read.end)) return null;
  return { path: read.path, spread, end: read.end + close.length };
}
