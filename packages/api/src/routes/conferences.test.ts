import { expect, test } from 'vitest';
import { CONFERENCE } from '../testing/conference.ts';
import { serveApi } from '../testing/served-api.ts';

const tested = serveApi();
const { ask } = tested;

const shown = {
  name: 'sales/ü 1',
  started_at: '1970-01-01T00:00:02.000Z',
  participants: [
    {
      call_id: 'c@1',
      caller_no: '+12125550100',
      muted: true,
      on_hold: false,
      coaching: null,
      speaking: false,
      joined_at: '1970-01-01T00:00:01.000Z',
    },
    {
      call_id: 'c@2',
      caller_no: 'alice',
      muted: false,
      on_hold: true,
      coaching: 'c@1',
      speaking: true,
      joined_at: '1970-01-01T00:00:02.000Z',
    },
  ],
  active_speaker: 'c@2',
};

test('live conferences are listed and read by their own application only', async () => {
  tested.conferences = [CONFERENCE];
  const path = `Conferences/${encodeURIComponent(CONFERENCE.name)}`;
  expect(await ask('GET', 'Conferences')).toEqual({ status: 200, body: { conferences: [shown] } });
  expect(await ask('GET', path)).toEqual({ status: 200, body: shown });
  const others = { 'x-api-key': tested.otherKey };
  expect((await ask('GET', 'Conferences', undefined, others)).body.conferences).toEqual([]);
  expect((await ask('GET', path, undefined, others)).status).toBe(404);
  expect((await ask('GET', 'Conferences', undefined, { 'x-api-key': '' })).status).toBe(401);
});

test('a conference that waits for its start, where nobody speaks', async () => {
  tested.conferences = [{ name: 'later', startedAtMs: null, participants: [] }];
  expect((await ask('GET', 'Conferences/later')).body).toMatchObject({ started_at: null, active_speaker: null });
});

test.each(['none', '..%2Fsecret', '__proto__', '%00', 'x'.repeat(512)])('there is no conference %s', async (name) => {
  const { status, body } = await ask('GET', `Conferences/${name}`);
  expect([status, body.help]).toEqual([404, 'List them with GET /v1/Conferences.']);
});
