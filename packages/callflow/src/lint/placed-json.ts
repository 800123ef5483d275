/**
 * Where a JSON value stands in its text. Offsets are UTF-16 units, `end` is exclusive. Exactly one of `items` and
 * `members` is filled for lists and objects; a scalar has neither.
 */
export interface PlacedJson {
  start: number;
  end: number;
  items: readonly PlacedJson[];
  members: readonly PlacedMember[];
}

export interface PlacedMember {
  key: string;
  keyStart: number;
  value: PlacedJson;
}

const NONE: readonly never[] = [];

/**
 * The places of all values of a JSON text. The text has been read by `JSON.parse` before, so that it is known to be
 * right and not too deep; any other text gives places that mean nothing.
 */
export function placesOf(text: string): PlacedJson {
  return readValue({ text, at: 0 });
}

/** The member of a name; of several the last, as `JSON.parse` has it. */
export function memberOf(place: PlacedJson, key: string): PlacedMember | undefined {
  return place.members.findLast((member) => member.key === key);
}

/** The value at a path such as `cases[0].actions` below a place; undefined where there is none. */
export function placeBelow(place: PlacedJson, path: string): PlacedJson | undefined {
  let at: PlacedJson | undefined = place;
  for (const [, key, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    at = index === undefined ? at && memberOf(at, key ?? '')?.value : at?.items[Number(index)];
  }
  return at;
}

/**
 * Offset in the text of the character `index` of a string value that may hold escapes; of a YAML text over several lines
 * that is no block, where the value begins.
 */
export function offsetInString(text: string, string: PlacedJson, index: number): number {
  const first = text[string.start];
  if (first !== '"') {
    const written = text.slice(string.start, string.end);
    if (first === '|' || first === '>') return offsetInBlock(text, string, index);
    if (written.includes('\n')) return string.start;
    // In single quotes YAML writes a quote twice.
    return (
      string.start +
      (first === "'"
        ? 1 + written.slice(1).replaceAll("''", '\0').slice(0, index).replaceAll('\0', "''").length
        : index)
    );
  }
  let at = string.start + 1;
  for (let read = 0; read < index && at < string.end - 1; read += 1) {
    if (text[at] !== '\\') at += 1;
    else at += text[at + 1] === 'u' ? 6 : 2;
  }
  return at;
}

/** In a block of YAML lines begin behind the indentation, unless that is given as a number; folded (`>`), the break before an empty line is none. */
function offsetInBlock(text: string, { start, end }: PlacedJson, index: number): number {
  const isFolded = text[start] === '>';
  const first = text.indexOf('\n', start) + 1;
  if (/\d/.test(text.slice(start, start + 3))) return start;
  const indentation = /^(?: *\r?\n)*( *)/.exec(text.slice(first, end))?.[1]?.length ?? 0;
  const lineAt = (from: number): number => {
    let at = from;
    while (at < from + indentation && text[at] === ' ') at += 1;
    return text[at] === '\r' ? at + 1 : at;
  };
  let at = lineAt(first);
  for (let read = 0; read < index; read += 1) {
    if (at >= end) return start;
    if (text[at] !== '\n') {
      at += text[at + 1] === '\r' ? 2 : 1;
      continue;
    }
    at = lineAt(at + 1);
    if (isFolded && text[at] === '\n' && read + 1 < index) at = lineAt(at + 1);
  }
  return at;
}

interface Reading {
  readonly text: string;
  at: number;
}

function skipSpace(reading: Reading): void {
  while (' \n\r\t'.includes(reading.text[reading.at] ?? 'x')) reading.at += 1;
}

/** Takes one of the two marks behind an element; true when another element follows. */
function goesOn(reading: Reading): boolean {
  skipSpace(reading);
  const mark = reading.text[reading.at];
  reading.at += 1;
  return mark === ',';
}

function readValue(reading: Reading): PlacedJson {
  skipSpace(reading);
  const start = reading.at;
  const first = reading.text[start];
  if (first === '{') {
    const members = readMembers(reading);
    return { start, end: reading.at, items: NONE, members };
  }
  if (first === '[') {
    const items = readItems(reading);
    return { start, end: reading.at, items, members: NONE };
  }
  if (first === '"') skipString(reading);
  else while (/[\w.+-]/.test(reading.text[reading.at] ?? '')) reading.at += 1;
  return { start, end: reading.at, items: NONE, members: NONE };
}

function readMembers(reading: Reading): PlacedMember[] {
  const members: PlacedMember[] = [];
  if (isEmpty(reading, '}')) return members;
  do {
    skipSpace(reading);
    const keyStart = reading.at;
    skipString(reading);
    const key = JSON.parse(reading.text.slice(keyStart, reading.at)) as string;
    skipSpace(reading);
    reading.at += 1;
    members.push({ key, keyStart, value: readValue(reading) });
  } while (goesOn(reading));
  return members;
}

function readItems(reading: Reading): PlacedJson[] {
  const items: PlacedJson[] = [];
  if (isEmpty(reading, ']')) return items;
  do items.push(readValue(reading));
  while (goesOn(reading));
  return items;
}

function isEmpty(reading: Reading, close: string): boolean {
  reading.at += 1;
  skipSpace(reading);
  if (reading.text[reading.at] !== close) return false;
  reading.at += 1;
  return true;
}

function skipString(reading: Reading): void {
  reading.at += 1;
  while (reading.at < reading.text.length && reading.text[reading.at] !== '"') {
    reading.at += reading.text[reading.at] === '\\' ? 2 : 1;
  }
  reading.at += 1;
}
