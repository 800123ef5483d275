import { beforeEach, expect, test } from 'vitest';
import { SpannedRoom } from './control/spanned-room.ts';
import type { MediaSession } from './media-session.ts';
import { Room } from './room.ts';

const sessions = [0, 1, 2].map((id) => {
  const session = { id, worker: id % 2, enter: () => undefined, exit: () => undefined };
  return session as unknown as MediaSession;
});
const [a, b, c] = sessions as [MediaSession, MediaSession, MediaSession];

let room: Room;
/** Who was told to speak, in order; null: nobody. */
let told: (MediaSession | null)[];

beforeEach(() => {
  room = new Room({
    roomId: 1,
    spanned: new SpannedRoom({ roomId: 1, reportSpeakers: true, post: () => undefined }),
    post: () => undefined,
    hasPrompt: () => true,
    sessionOf: (sessionId) => sessions[sessionId],
    spareWorker: 0,
    onClosed: () => undefined,
  });
  told = [];
  room.on('activeSpeaker', ({ session }) => told.push(session));
  for (const session of sessions) room.join(session);
});

test('of the speakers of two workers the louder one speaks, until the other is clearly louder', () => {
  room.receiveSpeaker(0, a.id, 1000);
  room.receiveSpeaker(1, b.id, 1200);
  expect(room.activeSpeaker).toBe(a);
  room.receiveSpeaker(1, b.id, 2000);
  expect(room.activeSpeaker).toBe(b);
  room.receiveSpeaker(0, a.id, 2500);
  expect(room.activeSpeaker).toBe(b);
  room.receiveSpeaker(1, null, 0);
  room.receiveSpeaker(0, null, 0);
  expect(told).toEqual([a, b, a, null]);
});

test('who is muted, held or a coach speaks no more, whatever a worker still tells', () => {
  for (const change of [{ muted: true }, { held: true }, { coach: c }]) {
    room.receiveSpeaker(0, a.id, 1000);
    expect(room.activeSpeaker).toBe(a);
    room.update(a, change);
    expect(room.activeSpeaker).toBeNull();
    room.receiveSpeaker(0, a.id, 2000);
    expect(room.activeSpeaker).toBeNull();
    room.update(a, { muted: false, held: false, coach: null });
    expect(room.activeSpeaker).toBe(a);
  }
});

test('who has left speaks no more, nor does a report that was on its way name him', () => {
  room.receiveSpeaker(0, a.id, 1000);
  room.leave(a);
  room.receiveSpeaker(0, a.id, 1000);
  expect(room.activeSpeaker).toBeNull();
  room.receiveSpeaker(0, c.id, 1000);
  room.workerDied(0);
  expect(told).toEqual([a, null, c, null]);
});

test('nobody speaks in a room that is closed', () => {
  room.receiveSpeaker(0, a.id, 1000);
  room.close();
  expect(room.activeSpeaker).toBeNull();
});
