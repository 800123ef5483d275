import { expect, test } from 'vitest';
import { nearestName } from './nearest-name.ts';

const KNOWN = ['SAY', 'PLAY', 'COLLECT', 'HANGUP', 'SESSIONDATA'];

test.each([
  ['say', 'SAY'],
  ['SYA', 'SAY'],
  ['COLECT', 'COLLECT'],
  ['HANG_UP', 'HANGUP'],
  ['SESSION_DATA', 'SESSIONDATA'],
  ['TRANSFER', null],
  ['', null],
  ['x'.repeat(1_000), null],
])('%s is probably %s', (written, meant) => {
  expect(nearestName(written, KNOWN)).toBe(meant);
});
