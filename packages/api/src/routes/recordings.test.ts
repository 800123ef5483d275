import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { serveApi } from '../testing/served-api.ts';

const tested = serveApi();
const { ask } = tested;

describe('recordings', () => {
  const recording = {
    recordingId: 'done@1-r1',
    name: 'message',
    callId: 'done@1',
    file: '2026/a b.wav',
    format: 'wav',
    channels: 1,
    startTimeMs: Date.UTC(2026, 0, 1),
    webhook: null,
  } as const;

  test('are listed, read, heard in parts and deleted, by their own application only', async () => {
    await tested.store.recordings.begin({ ...recording, appId: tested.appId });
    await mkdir(join(tested.recordingsDir, '2026'), { recursive: true });
    await writeFile(join(tested.recordingsDir, recording.file), 'RIFFsound');
    const path = 'Recordings/done@1-r1';
    expect((await ask('GET', `${path}/Audio`)).body.message).toMatch('still goes on');
    expect((await ask('DELETE', path)).status).toBe(400);
    await tested.store.recordings.finish(recording.recordingId, { durationMs: 1200, bytes: 9, sha256: 'ab' });
    const { body } = await ask('GET', path);
    expect(body).toEqual({
      id: 'done@1-r1',
      name: 'message',
      call_id: 'done@1',
      status: 'ready',
      format: 'wav',
      channels: 1,
      start_time: '2026-01-01T00:00:00.000Z',
      duration: 1200,
      bytes: 9,
      sha256: 'ab',
      audio: '/v1/Recordings/done%401-r1/Audio',
      transcript: null,
      error: null,
    });
    expect((await ask('GET', 'Recordings?call_id=done@1&before=2026-01-02T00:00:00Z')).body.recordings).toEqual([body]);
    expect((await ask('GET', 'Recordings?before=2026-01-01T00:00:00Z')).body.recordings).toEqual([]);
    const behind = async (id: string) =>
      (await ask('GET', `Recordings?before=2026-01-01T00:00:00Z&before_id=${id}`)).body;
    expect((await behind('done@1-r0')).recordings).toEqual([body]);
    expect((await behind('done@1-r1')).recordings).toEqual([]);
    for (const query of ['call_id=%00', 'before=2026-01-01T00:00:00Z&before_id=%00'])
      expect((await ask('GET', `Recordings?${query}`)).status).toBe(400);
    expect((await ask('GET', 'Recordings?before_id=done@1-r1')).body.message).toMatch('without before');
    const part = (range: string) =>
      tested.api.inject({
        url: `/v1/${path}/Audio`,
        headers: { host: 'localhost', 'x-api-key': tested.key, range },
      });
    const audio = await part('bytes=4-');
    expect([audio.statusCode, audio.headers['content-type'], audio.payload]).toEqual([206, 'audio/wav', 'sound']);
    expect(audio.headers['content-disposition']).toBe('inline; filename="done-1-r1.wav"');
    const beyond = await part('bytes=9-');
    expect([beyond.statusCode, beyond.headers['content-range']]).toEqual([416, 'bytes */9']);
    expect(beyond.json().message).toContain('has 9 bytes');
    const others = { 'x-api-key': tested.otherKey };
    for (const [method, url] of [
      ['GET', path],
      ['GET', `${path}/Audio`],
      ['DELETE', path],
    ] as const) {
      expect((await ask(method, url, undefined, others)).status).toBe(404);
    }
    expect((await ask('GET', 'Recordings', undefined, others)).body.recordings).toEqual([]);
    expect((await ask('DELETE', path)).body).toEqual({ id: 'done@1-r1' });
    expect((await ask('GET', path)).status).toBe(404);
    await expect(access(join(tested.recordingsDir, recording.file))).rejects.toThrow('ENOENT');
  });
});

test('transcripts of a call and of its recordings are read by their own application only', async () => {
  const opening = { appId: tested.appId, callId: 'said@1', startTimeMs: Date.UTC(2026, 0, 1), webhook: null };
  const recording = { recordingId: 'said@1.1', name: null, file: 'x.wav', format: 'wav', channels: 1 } as const;
  await tested.store.recordings.begin({ ...recording, ...opening });
  const spoken = { ...opening, hints: [], language: null };
  await tested.store.transcripts.begin({ ...spoken, transcriptId: 'said@1.1', recordingId: 'said@1.1' });
  await tested.store.transcripts.begin({ ...spoken, transcriptId: 'said@1.w1', recordingId: null });
  const piece = { sequence: 1, track: 'caller', startMs: 1500, endMs: 2000, text: 'yes', confidence: null };
  await tested.store.transcripts.add('said@1.w1', piece);
  await tested.store.transcripts.finish('said@1.w1', { status: 'ready', error: null });
  const path = 'CallFlows/Transcripts/said@1';
  const { transcripts } = (await ask('GET', path)).body;
  expect(transcripts).toMatchObject([
    { transcript_id: 'said@1.1', status: 'in_progress', transcripts: [] },
    {
      transcript_id: 'said@1.w1',
      call_id: 'said@1',
      recording_id: null,
      status: 'ready',
      start_time: '2026-01-01T00:00:00.000Z',
      error: null,
      transcripts: [
        {
          track: 'caller',
          sequence: 1,
          start_time: '2026-01-01T00:00:01.500Z',
          end_time: '2026-01-01T00:00:02.000Z',
          offset: 1500,
          transcript: 'yes',
          confidence: null,
        },
      ],
    },
  ]);
  const { transcript } = (await ask('GET', 'Recordings/said@1.1')).body;
  expect(transcript).toBe('/v1/Recordings/said%401.1/Transcript');
  expect((await ask('GET', 'Recordings/said@1.1/Transcript')).body).toEqual((transcripts as unknown[])[0]);
  expect((await ask('GET', 'Recordings/said@1.w1/Transcript')).status).toBe(404);
  const others = { 'x-api-key': tested.otherKey };
  for (const [method, url] of [
    ['GET', path],
    ['GET', 'Recordings/said@1.1/Transcript'],
    ['DELETE', path],
  ] as const) {
    expect((await ask(method, url, undefined, others)).status).toBe(404);
  }
  expect((await ask('DELETE', path)).body.message).toMatch('still grows');
  await tested.store.transcripts.finish('said@1.1', { status: 'failed', error: 'nobody understands' });
  expect((await ask('DELETE', path)).body).toEqual({ deleted: 2 });
  expect((await ask('GET', path)).status).toBe(404);
});
