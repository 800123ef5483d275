import type { LiveCall } from '@voxology/telephony';
import { describe, expect, test } from 'vitest';
import { CALL_AUDIO } from '../testing/call-audio.ts';
import { CONFERENCE } from '../testing/conference.ts';
import { NO, serveApi } from '../testing/served-api.ts';

const tested = serveApi();
const { ask } = tested;

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
    tested.sound = { audio: CALL_AUDIO, streams: [stream] };
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

  test('that are up tell which conference they are in', async () => {
    tested.live = [{ ...liveCall, appId: tested.appId } as LiveCall];
    expect((await ask('GET', 'LiveCalls/c@1')).body.conference).toBeNull();
    const [participant = null] = CONFERENCE.participants;
    tested.place = participant && { ...participant, name: 'team', participants: 2 };
    expect((await ask('GET', 'LiveCalls/c@1')).body.conference).toEqual({
      name: 'team',
      participants: 2,
      muted: true,
      on_hold: false,
      coaching: null,
      speaking: false,
      joined_at: '1970-01-01T00:00:01.000Z',
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
      { type: 'inject_actions', actions: [{ type: 'SAY', params: { text: 'Hi.', loop: 2 } }], when: 'beside' },
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
});
