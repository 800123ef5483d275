import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Callers } from '../testing/callers.ts';
import type { Exchange, PhoneCall } from '../testing/exchange.ts';
import type { FakeSession } from '../testing/fake-session.ts';
import { APP_ID, USER_NO } from '../testing/memory-store.ts';

let callers: Callers;
let exchange: Exchange;
let calls: readonly PhoneCall[];

beforeEach(async () => {
  callers = await Callers.open();
  ({ exchange, calls } = callers);
});
afterEach(async () => {
  await callers.close();
  expect(exchange.telephony.conferences.figures).toEqual({ rooms: 0, participants: 0 });
});

/** A call whose flow joins the room `team`; gives the call's id. */
const join = (params: object = {}, more: object = {}) =>
  callers.call({ type: 'CONFERENCE', params: { name: 'team', ...params }, ...more });
const leave = (index: number) => callers.hangUp(index);
const told = (callId: string, type: string) => callers.told(callId, type);
const session = (index: number): FakeSession => exchange.sessions[index] ?? exchange.session;
const sound = (index: number) => session(index).acts.filter((act) => act !== 'start');

test('calls of one name are together; each is told of the others', async () => {
  const [a, b] = [await join(), await join()];
  expect(exchange.groups).toEqual(['join s1', 'update s1', 'join s2']);
  expect(exchange.telephony.conferences.figures).toEqual({ rooms: 1, participants: 2 });
  expect(told(b, 'conference_entered')).toMatchObject([{ participants: 2 }]);
  expect(told(a, 'conference_participants')).toMatchObject([{ change: 'enter', callId: b, participants: 2 }]);
  await leave(1);
  expect(told(a, 'conference_participants').at(-1)).toMatchObject({ change: 'exit', callId: b, participants: 1 });
  expect(exchange.groups.slice(3)).toEqual(['leave s2']);
});

test('who is alone hears music, as long as it is', async () => {
  await join();
  expect(sound(0)).toEqual(['play background/1 house/hold-music']);
  await join();
  expect(sound(0).at(-1)).toBe('stop background/1');
  expect(sound(1)).toEqual([]);
  await leave(0);
  expect(sound(1)).toEqual(['play background/1 house/hold-music']);
});

test('music of the flow, or none', async () => {
  await join({ hold_music: false });
  expect(sound(0)).toEqual([]);
  exchange.prompt = async () => new Int16Array(new SharedArrayBuffer(4000));
  await join({ name: 'other', hold_music: 'Please wait.' });
  expect(sound(1)).toEqual(['play background/1 prompt-1']);
  session(1).emit('playbackEnded', { playbackId: 'background/1', outcome: 'completed' });
  await exchange.settle();
  expect(sound(1)).toEqual(['play background/1 prompt-1', 'play background/2 prompt-1']);
});

test('music that cannot be had is told, and the call goes on', async () => {
  exchange.prompt = async () => {
    throw new Error('no voice');
  };
  const call = await join({ hold_music: 'Please wait.' });
  expect(exchange.store.log.find(({ callId, type }) => callId === call && type === 'error')?.data).toMatchObject({
    message: 'The hold music cannot be played: no voice',
  });
});

test('a full room: refused, also those who come at the same moment', async () => {
  for (let i = 0; i < 4; i++) callers.begin({ type: 'CONFERENCE', params: { name: 'team', max_participants: 2 } });
  await exchange.settle();
  const ids = exchange.callbacks.map(({ call_id: id }) => String(id));
  expect(ids.flatMap((id) => told(id, 'conference_entered')).length).toBe(2);
  expect(ids.flatMap((id) => told(id, 'conference_refused'))).toMatchObject([
    { reason: 'max_participants' },
    { reason: 'max_participants' },
  ]);
});

test('end_on_exit: all others are out when that call goes, and their flows go on', async () => {
  const [a, , c] = [await join(), await join({ end_on_exit: 'true' }), await join()];
  await leave(1);
  expect(told(a, 'conference_left')).toMatchObject([{ reason: 'ended' }]);
  expect(told(c, 'conference_left')).toMatchObject([{ reason: 'ended' }]);
  expect(exchange.telephony.conferences.figures.rooms).toBe(0);
  expect(calls[0]?.hungUp).toBe(false);
  expect(exchange.groups.at(-1)).toBe('close');
});

test('start_on_enter: those who wait hear music and not each other, until somebody opens the room', async () => {
  await join({ start_on_enter: false });
  await join({ start_on_enter: false });
  expect(exchange.groups).toEqual(['join s1 held', 'join s2 held']);
  expect([sound(0), sound(1)]).toEqual([
    ['play background/1 house/hold-music'],
    ['play background/1 house/hold-music'],
  ]);
  await join();
  expect(exchange.groups.slice(2)).toEqual(['join s3', 'update s1', 'update s2', 'update s3']);
  expect([sound(0).at(-1), sound(1).at(-1), sound(2)]).toEqual(['stop background/1', 'stop background/1', []]);
});

test('muted, held, resumed', async () => {
  const list = (event: string) => ({ type: 'CONFERENCE', params: { event } });
  await join({ muted: true });
  await join({}, { events: { on_enter: [list('hold'), list('mute'), list('resume'), list('unmute')] } });
  expect(exchange.groups.slice(2)).toEqual([
    'join s2',
    'update s2 held',
    'update s2 muted held',
    'update s2 muted',
    'update s2',
  ]);
  expect(exchange.groups[0]).toBe('join s1 muted');
});

test('somebody is heard louder than he is', async () => {
  await join({ gain: 6 });
  await join({ gain: '-3' });
  expect(exchange.groups.filter((act) => act.startsWith('join'))).toEqual(['join s1 6 dB', 'join s2 -3 dB']);
});

test('a coach is heard by one only; when that one is gone, by nobody', async () => {
  const agent = await join();
  await join();
  await join({ coach: agent });
  expect(exchange.groups.at(-1)).toBe('join s3 coach');
  await leave(0);
  expect(exchange.groups.slice(-2)).toEqual(['update s3 muted', 'leave s1']);
  const call = await join({ coach: 'nobody' });
  expect(told(call, 'conference_refused')).toMatchObject([{ reason: expect.stringContaining('is not in the room') }]);
});

test('what others may see of a room: who is in it and how, and who speaks', async () => {
  const { conferences } = exchange.telephony;
  const agent = await join({ start_on_enter: false });
  expect(conferences.live(APP_ID)).toMatchObject([{ name: 'team', startedAtMs: null }]);
  const coach = await join({ coach: agent, muted: true });
  const [facts] = conferences.live(APP_ID);
  expect(facts).toEqual(conferences.find(APP_ID, 'team'));
  expect(facts?.startedAtMs).toBe(facts?.participants[1]?.joinedAtMs);
  const common = { callerNo: USER_NO, onHold: false, speaking: false };
  expect(facts?.participants).toMatchObject([
    { ...common, callId: agent, muted: false, coaching: null },
    { ...common, callId: coach, muted: true, coaching: agent },
  ]);
  const [room] = exchange.rooms;
  if (room !== undefined) room.activeSpeaker = session(0);
  expect(conferences.find(APP_ID, 'team')?.participants).toMatchObject([{ speaking: true }, { speaking: false }]);
  expect(conferences.placeOf(agent)).toMatchObject({ name: 'team', participants: 2, speaking: true });
  expect([conferences.live('other'), conferences.find('other', 'team'), conferences.placeOf('none')]).toEqual([
    [],
    null,
    null,
  ]);
  await leave(0);
  expect([conferences.placeOf(agent), conferences.live(APP_ID)[0]?.participants.length]).toEqual([null, 1]);
});

test('kick: others are taken out, never the one who asks', async () => {
  const [a, b] = [await join(), await join()];
  await join({}, { events: { on_enter: [{ type: 'CONFERENCE', params: { event: 'kick', name: 'team' } }] } });
  expect([a, b].map((id) => told(id, 'conference_left'))).toMatchObject([
    [{ reason: 'kicked' }],
    [{ reason: 'kicked' }],
  ]);
  expect(exchange.telephony.conferences.figures).toEqual({ rooms: 1, participants: 1 });
});

test('leave: the flow goes on, the room without members ends', async () => {
  const id = await join({}, { events: { on_enter: [{ type: 'CONFERENCE', params: { event: 'leave' } }] } });
  expect(told(id, 'conference_left')).toMatchObject([{ reason: 'left' }]);
  expect(exchange.groups).toEqual(['join s1', 'update s1', 'leave s1', 'close']);
});

test('announcements: tones, names', async () => {
  await join({ announce: 'tones' });
  await join({ announce: 'tones' });
  await leave(1);
  expect(exchange.groups.filter((act) => act.startsWith('play'))).toEqual([
    'play house/enter but not to s2',
    'play house/exit but not to s2',
  ]);
  await join({ announce: 'names' });
  expect(exchange.groups.at(-1)).toBe('play prompt-1 but not to s3');
});

test('media that fail end that call alone', async () => {
  const [a] = [await join(), await join()];
  session(1).emit('failed', { reason: 'worker died' });
  await exchange.settle();
  expect(told(a, 'conference_participants').at(-1)).toMatchObject({ change: 'exit' });
  expect(calls.map(({ hungUp }) => hungUp)).toEqual([false, true]);
});

test('a name is no path and no key of another application', async () => {
  await join({ name: '../../etc/passwd' });
  await join({ name: '__proto__' });
  expect(exchange.telephony.conferences.figures).toEqual({ rooms: 2, participants: 2 });
});

test('the server goes down: everybody is hung up', async () => {
  await join();
  await join();
  const drained = exchange.telephony.stop(0, 10_000);
  await vi.advanceTimersByTimeAsync(1);
  await exchange.settle();
  await drained;
  expect(calls.map(({ hungUp }) => hungUp)).toEqual([true, true]);
});
