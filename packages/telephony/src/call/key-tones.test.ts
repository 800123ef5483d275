import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { asSession, FakeSession } from '../testing/fake-session.ts';
import type { CallInput } from './input.ts';
import { KeyTones } from './key-tones.ts';

let session: FakeSession;
let posted: CallInput[];
let keyTones: KeyTones;

beforeEach(() => {
  session = new FakeSession();
  posted = [];
  keyTones = new KeyTones(asSession(session), (input) => posted.push(input));
});
afterEach(() => {
  expect(session.listenerCount('digitsSent')).toBe(0);
});

test('sends one request after the other, in parts that the session takes', async () => {
  keyTones.send('s1', '1'.repeat(65));
  keyTones.send('s2', '#');
  await vi.waitFor(() => expect(posted).toHaveLength(2));
  expect(session.acts).toEqual([`digits ${'1'.repeat(64)}`, 'digits 1', 'digits #']);
  expect(posted).toEqual([
    { type: 'digits_sent', sendId: 's1', error: null },
    { type: 'digits_sent', sendId: 's2', error: null },
  ]);
});

test('w is half a second of silence', async () => {
  keyTones.send('s1', '1ww2');
  await vi.waitFor(() => expect(session.acts).toEqual(['digits 1']));
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(session.acts).toEqual(['digits 1']);
  await vi.waitFor(() => expect(posted).toHaveLength(1), { timeout: 2000 });
  expect(session.acts).toEqual(['digits 1', 'digits 2']);
});

test('tells what cannot be sent', async () => {
  keyTones.send('s1', '1x');
  await vi.waitFor(() => expect(posted).toEqual([{ type: 'digits_sent', sendId: 's1', error: 'no digits' }]));
});

test('is silent after the end of the call', async () => {
  keyTones.send('s1', 'w1');
  keyTones.stop();
  await new Promise(setImmediate);
  expect([posted, session.acts]).toEqual([[], []]);
});
