import type { Json, JsonObject } from '../io.ts';
import { isDeeperThan, isJsonObject, kindOf } from '../json-value.ts';
import type { LanguageLimits } from '../limits.ts';
import { isComment } from '../remarks.ts';
import { findJsonFault, type JsonFault } from './json-fault.ts';
import { placeAt } from './json-place.ts';
import { nearActions } from './meant-as-flow.ts';
import { looksLikeYaml, parseYaml } from './yaml.ts';

/** A callback answer that can be compiled: the list is there, everything inside it is still unchecked. */
export interface FlowDocument {
  actions: Json[];
  /** The named sub-flows as written, null when there are none. */
  flows: Json;
  /** What its `$schema` is, when there is one. */
  schema?: Json;
  /** Keys at the top that the language does not know. */
  unknownKeys: string[];
  /** Characters of the text it came from. */
  sizeCharacters: number;
}

/** What may stand at the top of a document, beside remarks. */
export const DOCUMENT_KEYS: readonly string[] = ['actions', 'flows', 'name', '$schema'];

/** Why a callback answer is no document. Line and column are null when the fault has no single place. */
export interface DocumentFault {
  message: string;
  line: number | null;
  column: number | null;
}

export type ParsedDocument = { ok: true; document: FlowDocument } | { ok: false; fault: DocumentFault };

/**
 * Reads a callback answer: a JSON object with an `actions` list, or the same in YAML. A byte order mark and white space
 * around it are tolerated, the content type does not matter, of duplicate keys the last wins. Never throws.
 */
export function parseDocument(
  bodyText: string,
  limits: Pick<LanguageLimits, 'maxDocumentCharacters' | 'maxYamlCharacters' | 'maxDocumentDepth'>,
): ParsedDocument {
  if (bodyText.length > limits.maxDocumentCharacters) {
    return refused(
      `the answer has ${bodyText.length} characters, more than the ${limits.maxDocumentCharacters} allowed`,
    );
  }
  const start = bodyText.charCodeAt(0) === 0xfeff ? 1 : 0;
  const text = bodyText.slice(start);
  if (text.trim() === '') return refused('the answer is empty; an object with an "actions" list is expected');

  let value = parseJson(text);
  if (value === undefined && looksLikeYaml(text)) {
    const parsed = parseYaml(text, limits);
    if (!parsed.ok) return refusedAt(text, 'YAML', parsed.fault);
    value = parsed.value;
  }
  if (value === undefined) {
    const fault = findJsonFault(text, limits.maxDocumentDepth);
    return fault === null ? refused('the answer is not valid JSON') : refusedAt(text, 'JSON', fault);
  }
  if (isDeeperThan(value, limits.maxDocumentDepth)) {
    return refused(`the answer is nested deeper than the ${limits.maxDocumentDepth} levels allowed`);
  }
  return documentOf(value, bodyText.length);
}

function documentOf(value: Json, sizeCharacters: number): ParsedDocument {
  if (Array.isArray(value)) return refused('the answer is a bare list; wrap it: {"actions": [...]}');
  if (!isJsonObject(value))
    return refused(`the answer is ${kindOf(value)}; an object with an "actions" list is expected`);
  const actions = own(value, 'actions');
  if (actions === undefined) return refused(`the answer has no "actions" list${nearMiss(value)}`);
  if (!Array.isArray(actions)) return refused(`"actions" is ${kindOf(actions)}; a list is expected`);
  const unknownKeys = Object.keys(value).filter((key) => !DOCUMENT_KEYS.includes(key) && !isComment(key));
  const schema = own(value, '$schema');
  const named = schema === undefined ? {} : { schema };
  return { ok: true, document: { actions, flows: own(value, 'flows') ?? null, ...named, unknownKeys, sizeCharacters } };
}

function nearMiss(value: JsonObject): string {
  const near = nearActions(Object.keys(value));
  return near === null ? '' : `; there is "${near}", did you mean "actions"?`;
}

function own(value: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function refusedAt(text: string, language: 'JSON' | 'YAML', { message: what, offset }: JsonFault): ParsedDocument {
  const { line, column } = placeAt(text, offset);
  const message = `the answer is not valid ${language}: ${what} (line ${line}, column ${column})${looksLikeMarkup(text)}`;
  return { ok: false, fault: { message, line, column } };
}

function refused(message: string): ParsedDocument {
  return { ok: false, fault: { message, line: null, column: null } };
}

function looksLikeMarkup(text: string): string {
  return text.trimStart().startsWith('<') ? '; it looks like HTML or XML' : '';
}
