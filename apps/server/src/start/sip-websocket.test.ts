import { expect, test } from 'vitest';
import { refusalOf } from './sip-websocket.ts';

const HOSTS = new Set(['127.0.0.1', '::1', 'voice.example.com']);
const status = (url: string, host: string | undefined, origin?: string, origins: string[] = []) =>
  refusalOf({ url, headers: { host, origin } }, HOSTS, origins)?.[0] ?? null;

test.each([
  ['/sip', '127.0.0.1:8080', undefined],
  ['/sip?token=1', '[::1]:8080', undefined],
  ['/sip', 'Voice.Example.com', 'https://voice.example.com'],
  ['/sip', '127.0.0.1:8080', 'http://127.0.0.1:3000'],
  ['/sip', '127.0.0.1:8080', 'http://[::1]:3000'],
])('%s at %s from %s is taken', (url, host, origin) => {
  expect(status(url, host, origin)).toBeNull();
});

test.each([
  [404, '/', '127.0.0.1', undefined],
  [404, '/sip/x', '127.0.0.1', undefined],
  [421, '/sip', 'evil.example', undefined],
  [421, '/sip', undefined, undefined],
  [403, '/sip', '127.0.0.1', 'https://evil.example'],
  [403, '/sip', '127.0.0.1', 'https://127.0.0.1.evil.example'],
  // A page without an origin of its own, such as a sandboxed frame.
  [403, '/sip', '127.0.0.1', 'null'],
])('%i for %s at %s from %s', (expected, url, host, origin) => {
  expect(status(url, host, origin)).toBe(expected);
});

test('further sites are those of the configuration, as they are written or all', () => {
  const evil = 'https://evil.example';
  expect(status('/sip', '127.0.0.1', 'https://app.example', ['https://app.example'])).toBeNull();
  expect(status('/sip', '127.0.0.1', 'http://app.example', ['https://app.example'])).toBe(403);
  expect(status('/sip', '127.0.0.1', evil, ['*'])).toBeNull();
});
