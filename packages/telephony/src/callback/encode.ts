import type { CallbackBody, CallbackTarget } from '@voxology/callflow';

/** A callback request ready for the HTTP client. */
export interface EncodedCallback {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/**
 * Encodes a callback for its target: GET puts the fields into the query string, POST sends JSON.
 * Nested fields of a query string are in bracket notation, `key_presses[0][digits]=1`, null as an empty value
 * (voxology-api.md §3.4, our decision). Throws a TypeError when the target's URL cannot be parsed.
 */
export function encodeCallback(target: CallbackTarget, body: CallbackBody): EncodedCallback {
  if (target.method === 'POST') {
    return {
      method: 'POST',
      url: target.url,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
    };
  }
  const url = new URL(target.url);
  for (const [name, value] of flatten(body)) url.searchParams.append(name, value);
  return { method: 'GET', url: url.href, headers: { accept: 'application/json' } };
}

function flatten(body: CallbackBody): [string, string][] {
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
