import { DestinationRefused, DialRefused } from '@voxology/telephony';
import { describe, expect, test } from 'vitest';
import { NO, serveApi } from '../testing/served-api.ts';

const tested = serveApi();
const { ask } = tested;

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
