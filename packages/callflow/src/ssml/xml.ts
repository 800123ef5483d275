/** An element of an XML document. Offsets are UTF-16 units of the document's text. */
export interface XmlElement {
  name: string;
  attributes: ReadonlyMap<string, XmlAttribute>;
  children: readonly (XmlElement | XmlText)[];
  /** Of its `<`. */
  offset: number;
}

export interface XmlAttribute {
  value: string;
  /** Of its name. */
  offset: number;
}

/** Text between tags, character references replaced. */
export interface XmlText {
  text: string;
  offset: number;
}

export type ParsedXml = { ok: true; root: XmlElement } | { ok: false; message: string; offset: number };

/** Longest document, in UTF-16 units; a longer one is refused unread. */
const MAX_LENGTH = 65_536;
/** Elements in elements. */
const MAX_DEPTH = 32;
const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);
const NAME = /[\p{L}_:][\p{L}\p{N}\p{M}_:.-]*/uy;
const SPACE = /[ \t\r\n]*/y;

class XmlFault {
  readonly message: string;
  readonly offset: number;
  constructor(message: string, offset: number) {
    this.message = message;
    this.offset = offset;
  }
}

/** The same with the children still to come. */
interface OpenElement extends XmlElement {
  children: (XmlElement | XmlText)[];
}

interface Reading {
  readonly text: string;
  at: number;
}

/**
 * Reads an XML 1.0 document, strictly, in time linear in its length. There are the five predefined entities and character
 * references and no others; a document type declaration is refused. Comments and processing instructions are passed over.
 */
export function parseXml(text: string): ParsedXml {
  try {
    if (text.length > MAX_LENGTH) {
      throw new XmlFault(`it has ${text.length} characters, more than the ${MAX_LENGTH} that are read`, MAX_LENGTH);
    }
    return { ok: true, root: readDocument({ text, at: 0 }) };
  } catch (error) {
    if (!(error instanceof XmlFault)) throw error;
    return { ok: false, message: error.message, offset: error.offset };
  }
}

const TAG = /<[/!?\p{L}_:][^>]*>?/gu;
const REFERENCE = /&(#?\w{1,8});/g;

/** What is left of a text when everything that looks like a tag is taken out; for documents that cannot be read. */
export function withoutMarkup(text: string): string {
  return text
    .replace(TAG, ' ')
    .replace(REFERENCE, (written, reference: string) => characterOf(reference) ?? written)
    .replace(/\s+/g, ' ')
    .trim();
}

function readDocument(reading: Reading): XmlElement {
  skipMisc(reading);
  if (reading.text[reading.at] !== '<') throw new XmlFault('it does not begin with an element', reading.at);
  const root = readElements(reading);
  skipMisc(reading);
  if (reading.at < reading.text.length) throw new XmlFault(`something follows </${root.name}>`, reading.at);
  return root;
}

/** Space, comments and processing instructions around the root. */
function skipMisc(reading: Reading): void {
  do skipSpace(reading);
  while (skipAside(reading));
}

/** A comment or a processing instruction; false when there is none here. */
function skipAside(reading: Reading): boolean {
  const { text, at } = reading;
  if (text.startsWith('<!--', at)) skipPast(reading, '-->', 'the comment', 4);
  else if (text.startsWith('<?', at)) skipPast(reading, '?>', 'the processing instruction', 2);
  else if (text.startsWith('<!DOCTYPE', at)) throw new XmlFault('a document type declaration is not read', at);
  else return false;
  return true;
}

function skipPast(reading: Reading, close: string, what: string, opened: number): void {
  const end = reading.text.indexOf(close, reading.at + opened);
  if (end === -1) throw new XmlFault(`${what} is not closed by "${close}"`, reading.at);
  reading.at = end + close.length;
}

/** The root, at `<`, with everything in it: a loop and a stack of its own, so that no depth can exhaust ours. */
function readElements(reading: Reading): XmlElement {
  const { text } = reading;
  const first = readStartTag(reading);
  if (first.isEmpty) return first.element;
  const open: OpenElement[] = [first.element];
  for (let current = open.at(-1); current !== undefined; current = open.at(-1)) {
    if (reading.at >= text.length) throw new XmlFault(`<${current.name}> is not closed`, current.offset);
    if (text[reading.at] !== '<') {
      readText(reading, current);
    } else if (text.startsWith('<![CDATA[', reading.at)) {
      const offset = reading.at + 9;
      skipPast(reading, ']]>', 'the CDATA section', 9);
      current.children.push({ text: text.slice(offset, reading.at - 3), offset });
    } else if (text[reading.at + 1] === '/') {
      readEndTag(reading, current);
      open.pop();
    } else if (!skipAside(reading)) {
      const { element, isEmpty } = readStartTag(reading);
      current.children.push(element);
      if (!isEmpty) open.push(element);
      if (open.length > MAX_DEPTH) {
        throw new XmlFault(`the elements are nested more than ${MAX_DEPTH} deep`, element.offset);
      }
    }
  }
  return first.element;
}

function readText(reading: Reading, { children }: OpenElement): void {
  const offset = reading.at;
  const next = reading.text.indexOf('<', offset);
  reading.at = next === -1 ? reading.text.length : next;
  children.push({ text: decoded(reading.text.slice(offset, reading.at), offset), offset });
}

function readStartTag(reading: Reading): { element: OpenElement; isEmpty: boolean } {
  const offset = reading.at;
  reading.at += 1;
  const name = readName(reading, 'after "<" an element’s name is expected; a "<" itself is written "&lt;"');
  const attributes = new Map<string, XmlAttribute>();
  const element: OpenElement = { name, attributes, children: [], offset };
  for (;;) {
    const before = reading.at;
    skipSpace(reading);
    if (reading.text[reading.at] === '>') {
      reading.at += 1;
      return { element, isEmpty: false };
    }
    if (reading.text.startsWith('/>', reading.at)) {
      reading.at += 2;
      return { element, isEmpty: true };
    }
    if (reading.at >= reading.text.length) throw new XmlFault(`the tag <${name} is not closed by ">"`, offset);
    if (before === reading.at) throw new XmlFault(`in the tag <${name} a space or ">" is expected`, reading.at);
    readAttribute(reading, name, attributes);
  }
}

function readAttribute(reading: Reading, element: string, attributes: Map<string, XmlAttribute>): void {
  const offset = reading.at;
  const name = readName(reading, `in the tag <${element} an attribute’s name or ">" is expected`);
  skipSpace(reading);
  if (reading.text[reading.at] !== '=') throw new XmlFault(`the attribute ${name} has no value`, reading.at);
  reading.at += 1;
  skipSpace(reading);
  const quote = reading.text[reading.at] ?? '';
  if (quote !== '"' && quote !== "'") {
    throw new XmlFault(`the value of the attribute ${name} stands in no quotes`, reading.at);
  }
  const start = reading.at + 1;
  const end = reading.text.indexOf(quote, start);
  if (end === -1) throw new XmlFault(`the value of the attribute ${name} is not closed by ${quote}`, start - 1);
  const written = reading.text.slice(start, end);
  const bracket = written.indexOf('<');
  if (bracket !== -1) throw new XmlFault('in a value "<" is written "&lt;"', start + bracket);
  if (attributes.has(name)) throw new XmlFault(`the attribute ${name} is there twice`, offset);
  attributes.set(name, { value: decoded(written, start), offset });
  reading.at = end + 1;
}

function readEndTag(reading: Reading, { name: expected }: OpenElement): void {
  const offset = reading.at;
  reading.at += 2;
  const name = readName(reading, 'after "</" an element’s name is expected');
  if (name !== expected) throw new XmlFault(`</${name}> closes <${expected}>`, offset);
  skipSpace(reading);
  if (reading.text[reading.at] !== '>') throw new XmlFault(`</${name} is not closed by ">"`, offset);
  reading.at += 1;
}

function readName(reading: Reading, expectation: string): string {
  NAME.lastIndex = reading.at;
  const name = NAME.exec(reading.text)?.[0];
  if (name === undefined) throw new XmlFault(expectation, reading.at);
  reading.at += name.length;
  return name;
}

function skipSpace(reading: Reading): void {
  SPACE.lastIndex = reading.at;
  reading.at += SPACE.exec(reading.text)?.[0].length ?? 0;
}

/** @param offset of `text` in the document */
function decoded(text: string, offset: number): string {
  let plain = '';
  let kept = 0;
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', kept)) {
    const end = text.indexOf(';', at);
    const character = end === -1 ? null : characterOf(text.slice(at + 1, end));
    if (character === null) {
      throw new XmlFault(
        '"&" begins no character reference that is known; an "&" itself is written "&amp;"',
        offset + at,
      );
    }
    plain += text.slice(kept, at) + character;
    kept = end + 1;
  }
  return plain + text.slice(kept);
}

/** @param reference without `&` and `;` */
function characterOf(reference: string): string | null {
  const [, hex, decimal] = /^#(?:x([\da-f]{1,6})|(\d{1,7}))$/i.exec(reference) ?? [];
  if (hex === undefined && decimal === undefined) return PREDEFINED.get(reference) ?? null;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : null;
}
