import { beforeEach, expect, test } from 'vitest';
import type { WorkerCommand } from '../worker/protocol.ts';
import { type MemberSettings, type RoomMember, SpannedRoom } from './spanned-room.ts';

const PLAIN: MemberSettings = { muted: false, held: false, gainDb: 0, coachOf: null };

let posted: { worker: number; command: WorkerCommand }[];
let room: SpannedRoom;

beforeEach(() => {
  posted = [];
  room = new SpannedRoom({
    roomId: 5,
    reportSpeakers: true,
    post: (worker, command) => posted.push({ worker, command }),
  });
});

/** Which rings each worker publishes and hears after the last links. */
function links(): Record<number, { publishes: number | null; hears: number[] }> {
  const told: Record<number, { publishes: number | null; hears: number[] }> = {};
  for (const { worker, command } of posted) {
    if (command.type !== 'linkRoom') continue;
    told[worker] = { publishes: command.publish?.ringId ?? null, hears: command.hear.map(({ ringId }) => ringId) };
  }
  return told;
}

function member(sessionId: number): RoomMember {
  const found = room.member(sessionId);
  if (found === undefined) throw new Error(`There is no member ${sessionId}`);
  return found;
}

test('a room on one worker shares nothing; each further worker hears all the others', () => {
  room.join(1, 0, PLAIN);
  room.join(2, 0, PLAIN);
  expect(posted.map(({ worker, command }) => `${worker} ${command.type}`)).toEqual([
    '0 openRoom',
    '0 joinRoom',
    '0 joinRoom',
  ]);
  room.join(3, 1, PLAIN);
  room.join(4, 2, PLAIN);
  const { 0: first, 1: second, 2: third } = links();
  expect(first?.hears).toEqual([second?.publishes, third?.publishes]);
  expect(third?.hears).toEqual([first?.publishes, second?.publishes]);

  room.workerDied(1);
  expect(room.member(3)).toBeUndefined();
  expect(links()[0]?.hears).toEqual([third?.publishes]);
  room.workerDied(2);
  expect(links()[0]).toEqual({ publishes: null, hears: [] });
  // Its successor starts anew.
  room.join(5, 1, PLAIN);
  expect(links()[1]?.publishes).not.toBe(second?.publishes);
  posted = [];
  room.close();
  expect(posted.map(({ worker, command }) => `${worker} ${command.type}`)).toEqual(['0 closeRoom', '1 closeRoom']);
});

test('a coach is heard through a ring of his own by a member on another worker, until he or the member goes', () => {
  room.join(1, 0, PLAIN);
  room.join(2, 1, PLAIN);
  room.join(3, 0, PLAIN);
  room.update(member(1), { ...PLAIN, coachOf: member(3) });
  expect(posted.at(-1)?.command).toMatchObject({ type: 'updateMember', coach: { type: 'session', sessionId: 3 } });
  room.update(member(1), { ...PLAIN, coachOf: member(2) });
  const [hear, update] = posted.slice(-2);
  expect(hear).toMatchObject({ worker: 1, command: { type: 'hearCoach', sessionId: 2 } });
  const ring = hear?.command.type === 'hearCoach' ? hear.command.ring : null;
  expect(update).toMatchObject({ worker: 0, command: { coach: { type: 'ring', ring: { ringId: ring?.ringId } } } });

  room.update(member(1), { ...PLAIN, muted: true, coachOf: member(2) });
  expect(posted.at(-1)?.command).toMatchObject({ coach: { ring: { ringId: ring?.ringId } } });
  room.update(member(1), PLAIN);
  expect(posted.at(-2)).toMatchObject({ worker: 1, command: { type: 'unhearCoach', ringId: ring?.ringId } });

  room.update(member(1), { ...PLAIN, coachOf: member(2) });
  room.leave(1, false);
  expect(posted.slice(-2).map(({ command }) => command.type)).toEqual(['unhearCoach', 'leaveRoom']);
});

test('what is played is mixed where there are members already', () => {
  expect(room.partFor(3)).toBe(3);
  room.join(1, 0, PLAIN);
  expect(room.partFor(1)).toBe(3);
});
