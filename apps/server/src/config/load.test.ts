import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadSettings } from './load.ts';

const folder = mkdtempSync(join(tmpdir(), 'voxology-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string): string {
  const path = join(folder, `${Math.random()}.json`);
  writeFileSync(path, content);
  return path;
}

test('without anything the defaults hold', () => {
  const settings = loadSettings({}, {});
  expect(settings.http).toEqual({ host: '127.0.0.1', port: 8080 });
  expect(settings.sip).toEqual({ host: '127.0.0.1', port: 5060 });
  expect(settings.rtp).toEqual({ host: '127.0.0.1', portLow: 10_000, portHigh: 19_999 });
  expect(settings.data).toBe(resolve('./data'));
  expect(settings.callbacks.allow_private).toEqual(['127.0.0.0/8', '::1/128']);
});

test('flags win over the environment, the environment over the file', () => {
  const config = file('{"http":"127.0.0.1:1","sip":"127.0.0.1:2","data":"/a","limits":{"max_calls":7}}');
  const settings = loadSettings(
    { config, http: '127.0.0.1:3' },
    { VOXOLOGY_HTTP: '127.0.0.1:4', VOXOLOGY_SIP: '[::1]:5' },
  );
  expect(settings.http.port).toBe(3);
  expect(settings.sip).toEqual({ host: '::1', port: 5 });
  expect(settings.data).toBe('/a');
  expect(settings.limits.max_calls).toBe(7);
  expect(settings.limits.drain_s).toBe(20);
});

test.each([
  [{ http: 'nonsense' }, /^--http: "nonsense" is not an address: write HOST:PORT/],
  [{ http: '127.0.0.1:99999' }, /"99999" is not a port: write a number from 0 to 65535/],
  [{ sip: 'example.com:5060' }, /"example.com" is not an IP address/],
  [{ rtp: '127.0.0.1:5000' }, /"5000" is not a port range/],
  [{ rtp: '127.0.0.1:20000-10000' }, /too small/],
])('%j is refused', (flags, message) => {
  expect(() => loadSettings(flags, {})).toThrow(message);
});

test.each([
  ['{"limits":{"max_calls":0}}', /limits\.max_calls: .* but it is 0 \(allowed: 1 to 100000\)/],
  ['{"colour":"red"}', /unknown setting colour/],
  ['{"limits":{"max_cals":1}}', /limits: unknown setting max_cals/],
  ['{', /is not JSON/],
  ['[]', /must hold a JSON object/],
  ['{"trunks":[{"target":"sip:a"}]}', /trunks\.0/],
])('the file %s is refused with a reason', (content, message) => {
  expect(() => loadSettings({ config: file(content) }, {})).toThrow(message);
});

test('a file that is not there is named', () => {
  expect(() => loadSettings({ config: '/nowhere/x.json' }, {})).toThrow(/\/nowhere\/x\.json cannot be read/);
});
