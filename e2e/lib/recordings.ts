import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { equal } from './check.ts';
import type { TestContext } from './context.ts';
import { ffmpegDecode } from './ffmpeg.ts';
import { Rest } from './rest.ts';
import type { Server } from './server.ts';

/** A recording as callbacks tell of it. */
export interface RecordingEntry {
  name: string | null;
  id: string;
}

/** The file of a recording, as a user's program gets it. */
export async function fetchAudio(server: Server, audio: string, headers: Record<string, string> = {}) {
  const { http_url: base, api_key: key } = server.quickstart;
  const response = await fetch(`${base}${audio}`, { headers: { 'X-API-Key': key, ...headers } });
  return { status: response.status, headers: response.headers, file: Buffer.from(await response.arrayBuffer()) };
}

/** A recording's channels as 8 kHz samples, fetched and decoded as a user would; its length and checksum are right. */
export async function fetchRecording(t: TestContext, server: Server, id: string) {
  const { body: facts } = await new Rest(server).get(`/v1/Recordings/${encodeURIComponent(id)}`);
  const { status, headers, file } = await fetchAudio(server, facts.audio);
  equal(status, 200, 'status of the audio');
  const sha256 = createHash('sha256').update(file).digest('hex');
  equal([file.length, sha256], [facts.bytes, facts.sha256], 'the file at the link');
  const path = t.file(`recording.${facts.format}`);
  writeFileSync(path, file);
  return { facts, contentType: headers.get('content-type'), channels: await ffmpegDecode(path) };
}
