import { Composer, type CST, type Document, isAlias, isMap, isScalar, isSeq, type ParsedNode, Parser } from 'yaml';
import type { Json } from '../io.ts';
import type { LanguageLimits } from '../limits.ts';
import type { JsonFault } from './json-fault.ts';

export type YamlLimits = Pick<LanguageLimits, 'maxYamlCharacters' | 'maxDocumentDepth'>;

/** `root`: the nodes with their places; null for a text without a value. */
export type ParsedYaml = { ok: true; value: Json; root: ParsedNode | null } | { ok: false; fault: JsonFault };

/** What the first line that says anything must be: an item of a list, or a key. */
const FIRST_LINE = /^\s*(?:-(?:\s|$)|\?\s|"(?:[^"\\]|\\.)*"\s*:(?:\s|$)|'[^']*'\s*:(?:\s|$)|[^\s{[<"'][^:]*:(?:\s|$))/;

/**
 * The text is meant as YAML: it begins with `key:` or `- item`, behind comments, blank lines and `---`. No JSON does. (The
 * braces of a flow mapping are taken for JSON, whose faults can be told better.)
 */
export function looksLikeYaml(text: string): boolean {
  for (let start = text.charCodeAt(0) === 0xfeff ? 1 : 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, end);
    if (!/^\s*(?:#|$)|^(?:%|---)/.test(line)) return FIRST_LINE.test(line);
    start = end + 1;
  }
  return false;
}

/**
 * Reads YAML 1.2 as far as it says what JSON can say: lists, mappings with texts for keys, and scalars. A plain scalar is
 * a number only when JSON would write it so: `+12125550123` and `0123` stay texts. Aliases, tags and further documents
 * are refused. Never throws.
 */
export function parseYaml(text: string, limits: YamlLimits): ParsedYaml {
  if (text.length > limits.maxYamlCharacters) {
    const allowed = `more than the ${limits.maxYamlCharacters} allowed`;
    return refused(0, `YAML of ${text.length} characters is ${allowed}; write so large a document as JSON`);
  }
  try {
    const { contents } = onlyDocument(text, limits);
    return { ok: true, value: contents === null ? null : jsonOf(contents), root: contents };
  } catch (error) {
    if (error instanceof YamlFault) return refused(error.offset, error.message);
    throw error;
  }
}

class YamlFault extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

function refused(offset: number, message: string): ParsedYaml {
  return { ok: false, fault: { offset, message } };
}

function onlyDocument(text: string, { maxDocumentDepth }: YamlLimits): Document.Parsed {
  // "failsafe" leaves every scalar the text it is; what it means is decided below.
  const composer = new Composer({ schema: 'failsafe', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
  let only: Document.Parsed | null = null;
  const take = (documents: Iterable<Document.Parsed>): void => {
    for (const document of documents) {
      const [error] = document.errors;
      if (error !== undefined) throw new YamlFault(error.pos[0], sentence(error.message));
      if (only !== null) throw new YamlFault(document.range[0], 'a second document begins here; one is expected');
      only = document;
    }
  };
  for (const token of new Parser().parse(text)) {
    // The composer recurses: what is nested too deeply must not get to it.
    checkDepth(token, maxDocumentDepth);
    take(composer.next(token));
  }
  take(composer.end(true, text.length));
  if (only === null) throw new YamlFault(0, 'there is no document');
  return only;
}

/** Walks the tokens of a document without recursion. */
function checkDepth(document: CST.Token, maxDepth: number): void {
  const waiting: { token: CST.Token; depth: number }[] = [{ token: document, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next;
    // A depth that is one too much is told of by the caller, for JSON and YAML alike.
    if (depth > maxDepth + 1) throw new YamlFault(token.offset, `nested deeper than ${maxDepth} levels`);
    if ('value' in token) waiting.push({ token: token.value, depth });
    if (!('items' in token)) continue;
    for (const { key, value } of token.items) {
      if (key) waiting.push({ token: key, depth: depth + 1 });
      if (value) waiting.push({ token: value, depth: depth + 1 });
    }
  }
}

const KNOWN_TAGS = new Set(['map', 'seq', 'str'].map((name) => `tag:yaml.org,2002:${name}`));

function jsonOf(node: ParsedNode): Json {
  const [offset] = node.range;
  if (isAlias(node)) {
    throw new YamlFault(offset, `aliases such as *${node.source} are not read: write the value out, or RUN a sub-flow`);
  }
  if (node.tag !== undefined && !KNOWN_TAGS.has(node.tag)) {
    throw new YamlFault(offset, `tags such as ${node.tag} are not read`);
  }
  if (isSeq<ParsedNode>(node)) return node.items.map(jsonOf);
  if (isMap<ParsedNode, ParsedNode | null>(node)) {
    return Object.fromEntries(
      node.items.map(({ key, value }) => [keyOf(key), value === null ? null : jsonOf(value)] as const),
    );
  }
  const text = String(node.value);
  return node.type === 'PLAIN' && node.tag === undefined ? meaningOf(text) : text;
}

function keyOf(key: ParsedNode): string {
  if (!isScalar(key)) throw new YamlFault(key.range[0], 'a key must be a text');
  if (key.value === '<<' && key.type === 'PLAIN')
    throw new YamlFault(key.range[0], 'merge keys (<<) are not read: write the keys out');
  return String(key.value);
}

function meaningOf(plain: string): Json {
  if (/^(?:~|null|Null|NULL|)$/.test(plain)) return null;
  if (/^(?:true|True|TRUE)$/.test(plain)) return true;
  if (/^(?:false|False|FALSE)$/.test(plain)) return false;
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(plain)) return JSON.parse(plain) as number;
  return plain;
}

/** The parser's messages are sentences of their own; ours stand behind a colon. */
function sentence(message: string): string {
  const [first = '', second = ''] = message;
  const isWord = second === second.toLowerCase();
  return `${isWord ? first.toLowerCase() : first}${message.slice(1)}`;
}
