/** Live conferences in the REST API: who is in the room and how, and who speaks. The parties are spread over two media workers. */
import { until } from '../lib/bounded.ts';
import { equal } from '../lib/check.ts';
import { murmur } from '../lib/murmur.ts';
import { Rest } from '../lib/rest.ts';
import { enter, roomNumber } from '../lib/room-party.ts';
import type { RtpPeer } from '../lib/rtp-peer.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

interface Participant {
  call_id: string;
  muted: boolean;
  on_hold: boolean;
  coaching: string | null;
  speaking: boolean;
}

const ROOM = 'who/speaks';
/** A second or two, and what a busy machine takes. */
const SOON_MS = 6_000;

test('conference: the API tells who is in a room and who speaks, never one who is muted or coaches', {
  timeoutMs: 70_000,
}, async (t) => {
  const server = await sharedServer();
  const rest = new Rest(server);
  const room = async () => (await rest.get(`/v1/Conferences/${encodeURIComponent(ROOM)}`)).body;
  const participants = (number: number): Promise<Participant[]> =>
    until(
      `${number} participants`,
      async () => {
        const { participants: inside = [] } = await room();
        return inside.length === number ? inside : undefined;
      },
      10_000,
    );
  const speaks = (callId: string | null) =>
    until(
      `the active speaker ${callId}`,
      async () => ((await room()).active_speaker === callId ? true : undefined),
      SOON_MS,
    );
  const talk = ({ media }: { media: RtpPeer }, seed: number) => media.say(murmur(seed, 20_000).samples);
  const place = async (callId: string) =>
    (await rest.get(`/v1/LiveCalls/${encodeURIComponent(callId)}`)).body.conference;

  const number = await roomNumber(t, server, ROOM);
  const a = await enter(t, server, number);
  const [{ call_id: aId } = { call_id: '' }] = await participants(1);
  const b = await enter(t, server, number);
  await participants(2);
  const muted = await enter(t, server, await roomNumber(t, server, ROOM, { muted: true }));
  await participants(3);
  const coach = await enter(t, server, await roomNumber(t, server, ROOM, { coach: aId }));
  const inside = await participants(4);
  const [, bId = '', mutedId = '', coachId = ''] = inside.map(({ call_id: id }) => id);
  equal(
    inside.map((one) => [one.call_id, one.muted, one.on_hold, one.coaching, one.speaking]),
    [
      [aId, false, false, null, false],
      [bId, false, false, null, false],
      [mutedId, true, false, null, false],
      [coachId, false, false, aId, false],
    ],
    'who is in the room',
  );

  void talk(a, 1);
  await speaks(aId);
  a.media.hush();
  void talk(b, 2);
  await speaks(bId);
  b.media.hush();
  await speaks(null);
  for (const [phone, seed] of [
    [muted, 3],
    [coach, 4],
  ] as const)
    void talk(phone, seed);
  void talk(b, 5);
  await speaks(bId);
  b.media.hush();
  await speaks(null);

  void talk(a, 6);
  await speaks(aId);
  equal((await place(aId)).speaking, true, 'the call itself speaks');
  const command = (name: string, callId: string) =>
    rest.post(`/v1/LiveCalls/${encodeURIComponent(callId)}/Actions/${name}`, {});
  await command('MuteConferenceParticipant', aId);
  await speaks(null);
  await command('UnmuteConferenceParticipant', aId);
  await speaks(aId);
  await command('HoldConferenceParticipant', aId);
  await speaks(null);
  const { joined_at: joinedAt, ...held } = await place(aId);
  equal(
    held,
    { name: ROOM, participants: 4, muted: false, on_hold: true, coaching: null, speaking: false },
    'the place of the call on hold',
  );
  equal(Number.isNaN(Date.parse(joinedAt)), false, 'joined_at is a time');

  // Whom the coach whispered to is gone: it is heard by nobody now.
  await command('HangUp', aId);
  await participants(3);
  await command('UnmuteConferenceParticipant', mutedId);
  await speaks(mutedId);
  for (const id of [bId, mutedId, coachId]) await command('HangUp', id);
  await until(
    'the end of the room',
    async () => ((await rest.get('/v1/Conferences')).body.conferences.some(isThis) ? undefined : true),
    10_000,
  );
});

function isThis({ name }: { name: string }): boolean {
  return name === ROOM;
}
