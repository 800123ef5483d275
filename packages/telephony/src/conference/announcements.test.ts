import { EventEmitter } from 'node:events';
import type { MediaSession, PromptRef, Room, RoomEvents } from '@voxology/media';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakeSession } from '../testing/fake-session.ts';
import { Announcements, MOST_WAITING } from './announcements.ts';

/** A room where what is played is over when the test says so. */
class SlowRoom extends EventEmitter<RoomEvents> {
  readonly heard: string[] = [];
  refusal: Error | null = null;

  play(playbackId: string, { id }: PromptRef): void {
    if (this.refusal !== null) throw this.refusal;
    this.heard.push(`${playbackId}: ${id}`);
  }

  async isOver(): Promise<void> {
    this.emit('playbackEnded', { playbackId: '', outcome: 'completed' });
    await settled();
  }
}

const settled = () => new Promise(setImmediate);
const exceptFor = new FakeSession('s') as unknown as MediaSession;
let room: SlowRoom;
let announcements: Announcements;
let faults: string[];

beforeEach(() => {
  room = new SlowRoom();
  announcements = new Announcements(room as unknown as Room);
  faults = [];
});

const announce = (id: string, prompt = async (_: AbortSignal) => ({ id, durationMs: 1 })) =>
  announcements.announce({
    exceptFor,
    prompt,
    failed: (error) => faults.push(`${id}: ${String(error)}`),
    dropped: () => faults.push(`${id} dropped`),
  });

describe('announcements of a room', () => {
  test('one after the other, in order, however long the first takes to be spoken', async () => {
    const slow = Promise.withResolvers<PromptRef>();
    announce('a joined', () => slow.promise);
    announce('b joined');
    announce('a left');
    await settled();
    expect(room.heard).toEqual([]);
    slow.resolve({ id: 'a joined', durationMs: 1 });
    await settled();
    expect(room.heard).toEqual(['announcement/1: a joined']);
    await room.isOver();
    await room.isOver();
    expect(room.heard.slice(1)).toEqual(['announcement/2: b joined', 'announcement/3: a left']);
    await room.isOver();
    announce('c joined');
    await settled();
    expect(room.heard.slice(3)).toEqual(['announcement/4: c joined']);
  });

  test('of too many that wait the oldest is dropped', async () => {
    for (let i = 0; i < MOST_WAITING + 3; i++) announce(`${i}`);
    await settled();
    for (let i = 0; i < MOST_WAITING + 3; i++) await room.isOver();
    expect(faults).toEqual(['1 dropped', '2 dropped']);
    expect(room.heard.map((line) => line.split(' ')[1])).toEqual(['0', '3', '4', '5', '6', '7']);
  });

  test('one that fails does not hold up the next', async () => {
    announce('a', () => Promise.reject(new Error('no voice')));
    announce('b');
    await settled();
    expect([faults, room.heard]).toEqual([['a: Error: no voice'], ['announcement/1: b']]);
    room.refusal = new Error('not loaded');
    announce('c');
    await room.isOver();
    room.refusal = null;
    announce('d');
    await settled();
    expect([faults.slice(1), room.heard.slice(1)]).toEqual([['c: Error: not loaded'], ['announcement/3: d']]);
  });

  test('a room that closes: what is asked for is called off, and nothing more is said or complained of', async () => {
    const signals: AbortSignal[] = [];
    announce('a', (signal) => {
      signals.push(signal);
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    announce('b');
    announcements.close();
    await room.isOver();
    expect([signals.map(({ aborted }) => aborted), room.heard, faults]).toEqual([[true], [], []]);
  });
});
