import type { CallbackTarget } from '@voxology/callflow';
import { xmlOf } from './xml.ts';

/** What is sent: JSON, whose `type` says what it is. */
export type SentBody = object & { readonly type: string };

/** A callback request ready for the HTTP client. */
export interface EncodedCallback {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/**
 * Encodes a callback for its target: GET puts the fields into the query string; POST sends JSON, a form or XML, as the
 * content type says. Nested fields of a query string or form are in bracket notation, `key_presses[0][digits]=1`, null
 * as an empty value; for XML see {@link xmlOf} (voxology-api.md §3.4, our decisions). Throws a TypeError when the
 * target's URL cannot be parsed.
 */
export function encodeCallback(target: CallbackTarget, body: SentBody): EncodedCallback {
  const accept = 'application/json';
  if (target.method === 'GET') {
    const url = new URL(target.url);
    for (const [name, value] of flatten(body)) url.searchParams.append(name, value);
    return { method: 'GET', url: url.href, headers: { accept } };
  }
  const contentType = target.contentType === '' ? 'application/json' : target.contentType;
  return {
    method: 'POST',
    url: target.url,
    headers: { 'content-type': contentType, accept },
    body: bodyText(contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '', body),
  };
}

function bodyText(mediaType: string, body: SentBody): string {
  if (mediaType === 'application/x-www-form-urlencoded') return new URLSearchParams(flatten(body)).toString();
  if (mediaType === 'application/xml' || mediaType === 'text/xml') return xmlOf(body);
  return JSON.stringify(body);
}

function flatten(body: SentBody): [string, string][] {
  const pairs: [string, string][] = [];
  const visit = (name: string, value: unknown): void => {
    if (value === null || value === undefined) pairs.push([name, '']);
    else if (typeof value === 'object') {
      const entries = Object.entries(value);
      // An empty list is there all the same: every field of a callback is present.
      if (entries.length === 0) pairs.push([name, '']);
      for (const [key, item] of entries) visit(`${name}[${key}]`, item);
    } else pairs.push([name, String(value)]);
  };
  for (const [name, value] of Object.entries(body)) visit(name, value);
  return pairs;
}
