import { EgressError } from './egress-error.ts';

/** Longest URL sent, query included, in characters. */
const MAX_URL_LENGTH = 32_768;

/** Where a request goes. */
export interface Target {
  /** Without user name, password and fragment. */
  url: string;
  hostname: string;
  /** Scheme, host and port. */
  origin: string;
  /** Path and query. */
  path: string;
  /** The `Authorization` made of the user name and password the URL had; null when it had none. */
  authorization: string | null;
}

/**
 * Reads a URL, relative to `base` when given, and appends `query`.
 * @throws EgressError `invalid-request` or `scheme-not-allowed`.
 */
export function parseTarget(text: string, query: URLSearchParams | null, base?: string): Target {
  const url = parseUrl(text, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new EgressError('scheme-not-allowed', `${url.protocol}// URLs are not fetched; use http:// or https://`);
  }
  return targetOf(url, query);
}

/**
 * Reads the URL of a WebSocket.
 * @throws EgressError `invalid-request` or `scheme-not-allowed`.
 */
export function parseSocketTarget(text: string): Target {
  const url = parseUrl(text);
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    throw new EgressError('scheme-not-allowed', `${url.protocol}// is no WebSocket; use ws:// or wss://`);
  }
  return targetOf(url, null);
}

function parseUrl(text: string, base?: string): URL {
  const url = URL.parse(text, base);
  if (url === null) {
    throw new EgressError(
      'invalid-request',
      `"${shortened(text)}" is not a URL; write one such as https://example.com/flow`,
    );
  }
  return url;
}

function targetOf(url: URL, query: URLSearchParams | null): Target {
  const authorization = authorizationOf(url);
  url.username = '';
  url.password = '';
  url.hash = '';
  if (query !== null && query.size > 0) url.search += `${url.search === '' ? '?' : '&'}${query}`;
  const { href } = url;
  if (href.length > MAX_URL_LENGTH) {
    throw new EgressError(
      'invalid-request',
      `the URL of ${url.origin} is ${href.length} characters long, more than ${MAX_URL_LENGTH}; use POST for large data`,
    );
  }
  return { url: href, hostname: url.hostname, origin: url.origin, path: url.pathname + url.search, authorization };
}

function authorizationOf(url: URL): string | null {
  if (url.username === '' && url.password === '') return null;
  const credentials = `${decoded(url.username)}:${decoded(url.password)}`;
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone "%" is itself.
    return text;
  }
}

/** For messages: not too long, and without a password. */
function shortened(raw: string): string {
  const text = raw.replace(/\/\/[^/@]*@/, '//');
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
