import type { PromptRef } from '@voxology/media';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CallLog } from './call-log.ts';
import type { CallInput } from './input.ts';
import type { Leg } from './leg.ts';
import { Playbacks } from './playbacks.ts';

const SENTENCE = 'This is one of many sentences of a text that is far too long to wait for. ';
const long = { kind: 'say' as const, text: SENTENCE.repeat(8), voice: null, language: null };

let acts: string[];
let asked: number;
let failFrom: number;
let playbacks: Playbacks;
const leg = {
  play: (id: string, _prompt: PromptRef, offsetMs?: number) =>
    acts.push(`play ${id}${offsetMs === 0 ? '' : ` from ${offsetMs} ms`}`),
  stopPlayback: (id: string) => acts.push(`stop ${id}`),
} as unknown as Leg;

beforeEach(() => {
  vi.useFakeTimers();
  acts = [];
  asked = 0;
  failFrom = Number.POSITIVE_INFINITY;
  const prompts = {
    get: async () => {
      asked += 1;
      if (asked >= failFrom) throw new Error('no voice');
      return { id: 'x', durationMs: 2_000 } as PromptRef;
    },
  };
  const log = { note: (_kind: string, type: string, data: object) => acts.push(`${type} ${JSON.stringify(data)}`) };
  const post = (input: CallInput) => acts.push(`${input.type} ${JSON.stringify(input)}`);
  playbacks = new Playbacks(prompts, log as unknown as CallLog, post, () => 0);
});
afterEach(() => vi.useRealTimers());

const ended = (playbackId: string, outcome: 'completed' | 'stopped' = 'completed'): CallInput => ({
  type: 'playback_ended',
  playbackId,
  outcome,
});

test('the parts of a long text follow each other, and the flow hears of one playback', async () => {
  playbacks.play(leg, { type: 'play', playbackId: 'p1', source: long });
  await vi.advanceTimersByTimeAsync(0);
  expect(acts).toEqual(['play p1/0']);
  expect(asked).toBe(2);
  expect(playbacks.translate(ended('p1/0'))).toBeNull();
  await vi.advanceTimersByTimeAsync(300);
  expect(playbacks.translate(ended('p1/1'))).toBeNull();
  await vi.advanceTimersByTimeAsync(300);
  expect(acts).toEqual(['play p1/0', 'play p1/1', 'play p1/2']);
  expect(playbacks.translate(ended('p1/2'))).toEqual(ended('p1'));
  expect(asked).toBe(3);
});

test('stopping ends the part that is heard', async () => {
  playbacks.play(leg, { type: 'play', playbackId: 'p1', source: long });
  await vi.advanceTimersByTimeAsync(0);
  playbacks.stop('p1');
  expect(acts).toEqual(['play p1/0', 'stop p1/0']);
  expect(playbacks.translate(ended('p1/0', 'stopped'))).toEqual(ended('p1', 'stopped'));
  await vi.advanceTimersByTimeAsync(1000);
  expect(acts).toHaveLength(2);
});

test('stopping between two parts tells the flow at once, and nothing more is played', async () => {
  playbacks.play(leg, { type: 'play', playbackId: 'p1', source: long });
  await vi.advanceTimersByTimeAsync(0);
  playbacks.translate(ended('p1/0'));
  playbacks.stop('p1');
  expect(acts.at(-1)).toBe(`playback_ended ${JSON.stringify(ended('p1', 'stopped'))}`);
  await vi.advanceTimersByTimeAsync(1000);
  expect(acts).toHaveLength(2);
});

test('a part that cannot be made fails the playback when it is its turn', async () => {
  failFrom = 2;
  playbacks.play(leg, { type: 'play', playbackId: 'p1', source: long });
  await vi.advanceTimersByTimeAsync(0);
  expect(acts).toEqual(['play p1/0']);
  playbacks.translate(ended('p1/0'));
  await vi.advanceTimersByTimeAsync(300);
  expect(acts.at(-1)).toBe('playback_failed {"type":"playback_failed","playbackId":"p1","reason":"no voice"}');
});

test('a file begins at its offset', async () => {
  playbacks.play(leg, { type: 'play', playbackId: 'p1', source: { kind: 'url', url: 'http://x/', offsetMs: 1_999 } });
  await vi.advanceTimersByTimeAsync(0);
  expect(acts).toEqual(['play p1 from 1999 ms']);
});

test('an offset beyond the end ends the playback at once, and the log tells why', async () => {
  playbacks.play(leg, { type: 'play', playbackId: 'p1', source: { kind: 'url', url: 'http://x/', offsetMs: 2_000 } });
  await vi.advanceTimersByTimeAsync(0);
  expect(acts).toEqual([
    'warning {"message":"the offset of 2000 ms is beyond the end of the file, which lasts 2000 ms"}',
    `playback_ended ${JSON.stringify(ended('p1'))}`,
  ]);
});
