import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DestinationRefused, DialRefused, type LiveCall } from '@voxology/telephony';
import { describe, expect, test } from 'vitest';
import { callback, NO, serveApi } from '../testing/served-api.ts';

const tested = serveApi();
const { ask } = tested;

const audio = {
  packetsSent: 100,
  packetsReceived: 97,
  packetsLost: 3,
  jitterMs: 1.2345,
  remotePacketsLost: null,
  remoteJitterMs: null,
  roundTripMs: 20,
  mos: 4.12345,
  firstPacketInMs: 12,
  firstPacketOutMs: 0,
  silenceRatioIn: 0.5,
  silenceRatioOut: null,
  clippingRatioIn: 0,
  clippingRatioOut: null,
  issues: ['not_heard'],
  oneWay: true,
};

describe('Make Call', () => {
  const call = { no: '+12125550199', caller_id_no: NO };

  test('starts a call', async () => {
    const { status, body } = await ask('POST', 'Dials/Connect', { call, session_data: { a: [1] }, timeout: 20 });
    expect(status).toBe(200);
    expect(body).toEqual({ call: { id: 'c@1', ...call }, call_id: 'c@1', inbound_api: 'CallFlows' });
    expect(tested.dialled).toEqual([
      {
        appId: tested.appId,
        no: call.no,
        callerIdNo: NO,
        sessionData: { a: [1] },
        ringTimeoutMs: 20_000,
        maxCallTimeMs: null,
      },
    ]);
  });

  test('takes numbers as JSON numbers', async () => {
    await ask('POST', 'Dials/Connect', { call: { no: 12125550199, caller_id_no: 14155550100 } });
    expect(tested.dialled[0]).toMatchObject({ no: '12125550199', callerIdNo: '14155550100', ringTimeoutMs: null });
  });

  test.each([
    [{}, "body must have required properties call|body must have required property 'call'"],
    [{ call: { no: '+1' } }, 'body.call must have required propert(y|ies) .*caller_id_no'],
    [{ call: { ...call, no: {} } }, 'body.call.no must be string'],
    [{ call, timeout: 0 }, 'body.timeout must be >= 1'],
    [{ call, session_data: 'x' }, 'body.session_data must be object'],
  ])('names the field: %j', async (payload, message) => {
    const { status, body } = await ask('POST', 'Dials/Connect', payload);
    expect([status, body.message]).toEqual([400, expect.stringMatching(message)]);
    expect(tested.dialled).toEqual([]);
  });

  test.each([
    [new DestinationRefused('emergency'), 400],
    [new DialRefused('caller-id', 'not yours'), 400],
    [new DialRefused('rate', 'too fast'), 429],
    [new DialRefused('busy', 'no line'), 503],
    [new Error('a defect'), 500],
  ])('%s: %i', async (error, expected) => {
    tested.refusal = error;
    const { status, body } = await ask('POST', 'Dials/Connect', { call });
    expect(status).toBe(expected);
    expect(body.message === error.message).toBe(expected !== 500);
  });
});

describe('calls', () => {
  const liveCall = {
    callId: 'c@1',
    direction: 'inbound',
    callerNo: '+1',
    apiNo: NO,
    startTimeMs: 0,
    answerTimeMs: null,
  };

  test('that are up are listed and ended by their own application only', async () => {
    tested.live = [{ ...liveCall, appId: tested.appId } as LiveCall];
    expect((await ask('GET', 'LiveCalls')).body.live_calls).toMatchObject([{ call_id: 'c@1', status: 'live-ringing' }]);
    const others = { 'x-api-key': tested.otherKey };
    expect((await ask('GET', 'LiveCalls', undefined, others)).body.live_calls).toEqual([]);
    expect((await ask('DELETE', 'LiveCalls/c@1', undefined, others)).status).toBe(404);
    expect((await ask('GET', 'LiveCalls/c@1', undefined, others)).status).toBe(404);
    expect((await ask('DELETE', 'LiveCalls/c%401')).body).toEqual({ call_id: 'c@1' });
    expect(tested.commands).toMatchObject([{ type: 'hang_up' }]);
    expect((await ask('DELETE', 'LiveCalls/none')).status).toBe(404);
  });

  test('that are up tell how their sound is', async () => {
    tested.live = [{ ...liveCall, appId: tested.appId } as LiveCall];
    expect((await ask('GET', 'LiveCalls/c@1')).body).toMatchObject({ call_id: 'c@1', audio: null, streams: [] });
    const stream = {
      name: null,
      urlHost: 'agent.example:8443',
      status: 'open',
      bytesSent: 320,
      bytesReceived: 160,
      droppedMessages: 1,
      strangeMessages: 2,
      reconnects: 3,
    } as const;
    tested.sound = { audio, streams: [stream] };
    expect((await ask('GET', 'LiveCalls/c@1')).body).toMatchObject({
      status: 'live-ringing',
      audio: { packets_sent: 100, packets_lost: 3, loss_percent: 3, mos: 4.123, issues: ['not_heard'], one_way: true },
      streams: [
        {
          name: null,
          url_host: 'agent.example:8443',
          status: 'open',
          bytes_sent: 320,
          bytes_received: 160,
          dropped_messages: 1,
          strange_messages: 2,
          reconnects: 3,
        },
      ],
    });
  });

  test('that are up take actions and session data', async () => {
    tested.live = [{ ...liveCall, appId: tested.appId } as LiveCall];
    const say = { type: 'SAY', params: { text: 'Hi.' } };
    for (const [method, path, body] of [
      ['POST', 'Actions', { actions: [say] }],
      ['POST', 'Actions', { actions: [say], when: 'after_current' }],
      ['PUT', 'SessionData', { session_data: { a: [1] } }],
      ['POST', 'SessionData', { session_data: { a: null } }],
      ['POST', 'Actions/HangUp', { message: ['Hi.'] }],
      ['POST', 'Actions/HangUp', undefined],
      ['POST', 'Actions/Tell', { message: 'Hi.', loop: 2 }],
      ['POST', 'Actions/Collect', { num_digits: 1, message: 'Hi.' }],
      ['POST', 'Actions/Transfer', { no: '+12125550199' }],
      ['POST', 'Actions/JoinConference', { conference_name: 'x' }],
      ['POST', 'Actions/MuteConferenceParticipant', undefined],
      ['POST', 'Actions/LeaveConference', { message: 'Hi.' }],
    ] as const) {
      expect(await ask(method, `LiveCalls/c@1/${path}`, body)).toEqual({ status: 200, body: { call_id: 'c@1' } });
    }
    expect(tested.commands).toEqual([
      { type: 'inject_actions', actions: [say], when: 'now' },
      { type: 'inject_actions', actions: [say], when: 'after_current' },
      { type: 'inject_session_data', sessionData: { a: [1] } },
      { type: 'inject_session_data', sessionData: { a: null } },
      { type: 'inject_actions', actions: [say, { type: 'HANGUP' }], when: 'now' },
      { type: 'hang_up', reason: 'ended by the API' },
      { type: 'inject_actions', actions: [{ type: 'SAY', params: { text: 'Hi.', loop: 2 } }], when: 'now' },
      {
        type: 'inject_actions',
        actions: [{ type: 'COLLECT', params: { num_digits: 1 }, actions: [say] }],
        when: 'now',
      },
      { type: 'inject_actions', actions: [{ type: 'TRANSFER', params: { no: '+12125550199' } }], when: 'now' },
      { type: 'inject_actions', actions: [{ type: 'CONFERENCE', params: { name: 'x' } }], when: 'now' },
      { type: 'conference_command', command: 'mute' },
      { type: 'inject_actions', actions: [say, { type: 'CONFERENCE', params: { event: 'leave' } }], when: 'beside' },
    ]);
  });

  test.each([
    ['Actions', { actions: [] }, /body.actions/],
    ['Actions', { actions: [3] }, /body.actions.0 must be object/],
    ['Actions', { actions: [{}], when: 'later' }, /"now", "after_current", "beside"/],
    ['Actions/Tell', {}, /message is missing/],
    ['Actions/Transfer', { no: 7 }, /no must be the number/],
    ['Actions/Dance', {}, /params.name must be one of "Tell"/],
    ['SessionData', { session_data: [] }, /body.session_data must be object/],
  ])('%s with %j is refused', async (path, payload, message) => {
    const { status, body } = await ask('POST', `LiveCalls/c@1/${path}`, payload);
    expect([status, body.message]).toEqual([400, expect.stringMatching(message)]);
  });

  test('that are over have a record and a log, for their own application only', async () => {
    const callId = 'done@1';
    await tested.store.calls.open({
      callId,
      id: '11111111-2222-4333-8444-555555555555',
      appId: tested.appId,
      subaccountId: 0,
      direction: 'outbound',
      callerNo: '+12125550199',
      apiNo: NO,
      startTimeMs: 1_700_000_000_000,
      originApi: 'CallFlows',
      sipDomain: 'one.example',
      sipForwardedFor: '',
    });
    const request = { requestId: 'r1', target: callback, failover: null, body: { type: 'init_call' } };
    tested.store.events.append(callId, [
      { seq: 1, at: 1, kind: 'effect', type: 'request_callback', data: request },
      {
        seq: 2,
        at: 2,
        kind: 'input',
        type: 'callback_answered',
        data: { requestId: 'r1', httpStatus: 200, bodyText: '{}' },
      },
    ]);
    expect((await ask('GET', `History/Logs/Calls/${callId}`)).status).toBe(404);
    expect((await ask('GET', `CallFlows/Logs/${callId}`)).body).toMatchObject({ status: null });
    await tested.store.calls.finish(callId, {
      status: 'completed',
      hangupEnd: 'caller',
      endTimeMs: 1_700_000_002_540,
      durationMs: 2540,
      connectTimeSec: 1,
      detection: 'unknown',
      error: null,
      audio,
      endCallback: null,
    });
    const record = await ask('GET', 'History/Logs/Calls/done%401');
    expect(record.status).toBe(200);
    expect(record.body).toEqual({
      id: '11111111-2222-4333-8444-555555555555',
      app_id: tested.appId,
      subaccount_id: 0,
      call_id: callId,
      caller_no: '+12125550199',
      api_no: NO,
      start_time: '2023-11-14T22:13:20.000Z',
      end_time: '2023-11-14T22:13:22.540Z',
      type: 'voice',
      direction: 'outbound',
      hangup_end: 'caller',
      duration: 2540,
      status: 'completed',
      detection: 'unknown',
      error: null,
      audio: {
        packets_sent: 100,
        packets_received: 97,
        packets_lost: 3,
        loss_percent: 3,
        jitter_ms: 1.235,
        remote_packets_lost: null,
        remote_jitter_ms: null,
        round_trip_ms: 20,
        mos: 4.123,
        first_packet_in_ms: 12,
        first_packet_out_ms: 0,
        silence_ratio_in: 0.5,
        silence_ratio_out: null,
        clipping_ratio_in: 0,
        clipping_ratio_out: null,
        issues: ['not_heard'],
        one_way: true,
      },
      connect_time_billed: 0.1,
      connect_time_sec: 1,
      origin_api: 'CallFlows',
      charge: { total: 0 },
      service: 'programmable_voice',
    });
    const log = await ask('GET', `CallFlows/Logs/${callId}`);
    expect(log.body).toMatchObject({
      status: 'completed',
      end_callback: 'none',
      callbacks: [{ request_id: 'r1', request: { target: callback }, response: { http_status: 200, body: '{}' } }],
    });
    expect(log.body.events).toHaveLength(2);
    for (const url of [`History/Logs/Calls/${callId}`, `CallFlows/Logs/${callId}`]) {
      expect((await ask('GET', url, undefined, { 'x-api-key': tested.otherKey })).status).toBe(404);
    }
  });

  test('that are over are listed, the newest first, for their own application only', async () => {
    const list = async (query: string, headers = {}) => {
      const { body } = await ask('GET', `History/Logs/Calls${query}`, undefined, headers);
      return { ...body, logs: (body.logs as { call_id: string }[]).map(({ call_id }) => call_id) };
    };
    const begin = '?begin_date=1970-01-01T00:00:00Z';
    expect((await list(begin)).logs).toContain('done@1');
    expect((await list(begin, { 'x-api-key': tested.otherKey })).logs).toEqual([]);
    expect(await list(`${begin}&max_results=1`)).toMatchObject({ begin_date: '1970-01-01T00:00:00.000Z' });
    expect((await list(`${begin}&direction=inbound`)).logs).not.toContain('done@1');
    expect((await ask('GET', 'History/Logs/Calls?begin_date=yesterday')).status).toBe(400);
  });

  test.each(['History/Logs/Calls/', 'CallFlows/Logs/'])('%s with what no call is named by', async (path) => {
    expect((await ask('GET', `${path}nobody`)).status).toBe(404);
    expect((await ask('GET', `${path}%00`)).status).toBe(400);
    expect((await ask('GET', `${path}${'x'.repeat(201)}`)).status).toBe(400);
  });
});

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
      error: null,
    });
    expect((await ask('GET', 'Recordings?call_id=done@1&before=2026-01-02T00:00:00Z')).body.recordings).toEqual([body]);
    expect((await ask('GET', 'Recordings?before=2026-01-01T00:00:00Z')).body.recordings).toEqual([]);
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
