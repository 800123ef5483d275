import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { afterEach, beforeEach, vi } from 'vitest';

/** The sample flows. */
export const FLOWS = new URL('../../flows/', import.meta.url).pathname;

/** Of the test that runs. */
export let folder: string;
let server: Server | null = null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'voxology-tools-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  server?.close();
  server = null;
  process.exitCode = undefined;
  vi.restoreAllMocks();
});

/** Runs a command in this process; gives what it printed and its exit code. */
export async function run(command: Command, ...args: string[]): Promise<{ out: string; err: string; code: number }> {
  const printed = { out: '', err: '' };
  const note = (stream: 'out' | 'err') => (text: unknown) => {
    printed[stream] += `${String(text)}\n`;
  };
  vi.spyOn(console, 'log').mockImplementation(note('out'));
  vi.spyOn(console, 'error').mockImplementation(note('err'));
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.out += String(text);
    return true;
  });
  command.exitOverride().configureOutput({ writeErr: note('err') });
  let code = 0;
  try {
    process.exitCode = undefined;
    await command.parseAsync(args, { from: 'user' });
    code = Number(process.exitCode ?? 0);
  } catch (error) {
    code = (error as { exitCode?: number }).exitCode ?? -1;
  }
  return { ...printed, code };
}

/** Writes a file of the test; gives its path. */
export function file(name: string, content: unknown): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  return path;
}

/** A web server that takes requests and never answers. */
export async function serveNothing(): Promise<string> {
  return await listen(createServer(() => undefined));
}

/** A web server that answers with what `answer` gives for a request. */
export async function serve(
  answer: (request: IncomingMessage, body: string) => { status?: number; json?: unknown; text?: string },
): Promise<string> {
  const listening = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const { status = 200, json, text = JSON.stringify(json) } = answer(request, body);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(text);
    });
  });
  return await listen(listening);
}

async function listen(listening: Server): Promise<string> {
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}
