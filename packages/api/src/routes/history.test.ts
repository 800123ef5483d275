import { describe, expect, test } from 'vitest';
import { CALL_AUDIO } from '../testing/call-audio.ts';
import { callback, NO, serveApi } from '../testing/served-api.ts';

const tested = serveApi();
const { ask } = tested;

describe('calls', () => {
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
      audio: CALL_AUDIO,
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
        packets_refused: 2,
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
    const { start_time: lastTime } = (await ask('GET', 'History/Logs/Calls/done@1')).body;
    const behind = async (id: string) => (await list(`${begin}&end_date=${lastTime}&end_id=${id}`)).logs;
    expect(await behind('done@0')).toEqual(['done@1']);
    expect(await behind('done@1')).toEqual([]);
    expect((await ask('GET', 'History/Logs/Calls?begin_date=yesterday')).status).toBe(400);
    for (const kind of ['Calls', 'Messages']) {
      expect((await ask('GET', `History/Logs/${kind}?end_id=done@1`)).body.message).toMatch('without end_date');
      expect((await ask('GET', `History/Logs/${kind}?end_date=${lastTime}&end_id=%00`)).status).toBe(400);
    }
  });

  test.each(['History/Logs/Calls/', 'CallFlows/Logs/'])('%s with what no call is named by', async (path) => {
    expect((await ask('GET', `${path}nobody`)).status).toBe(404);
    expect((await ask('GET', `${path}%00`)).status).toBe(400);
    expect((await ask('GET', `${path}${'x'.repeat(201)}`)).status).toBe(400);
  });
});
