import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ulawEncode } from '../../e2e/lib/g711.ts';
import { holdsOtherLeg, OPUS_TONES_HZ, TONE_AMPLITUDE, whatWasHeard } from './other-leg.ts';
import { encodeReplay } from './replay.ts';
import { toneHz } from './rtppeer.ts';

const PAIRS = 4;
let directory = '';

/** Two seconds; caller 2 is connected with callee 3. */
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'voxology-other-leg-'));
  const tone = (hz: number, rateHz: number) =>
    Int16Array.from({ length: 2 * rateHz }, (_, i) => TONE_AMPLITUDE * Math.sin((2 * Math.PI * hz * i) / rateHz));
  writeFileSync(join(directory, '2.opus'), encodeReplay('opus', tone(toneHz(3, PAIRS), 16_000)));
  writeFileSync(join(directory, '3.ulaw'), Uint8Array.from(tone(OPUS_TONES_HZ[1] ?? 0, 8000), ulawEncode));
  writeFileSync(join(directory, '4.ulaw'), new Uint8Array(16_000).fill(0xff));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function right(callerOfCallee: [number, number][]): string[] {
  const heard = whatWasHeard(directory, PAIRS, new Map(callerOfCallee));
  return heard.filter(holdsOtherLeg).map(({ name }) => name);
}

test('each hears the leg it is connected with; silence is no leg', () => {
  expect(
    right([
      [3, 2],
      [4, 4],
    ]),
  ).toEqual(['2.opus', '3.ulaw']);
});

test('whoever hears another call than its own is wrong, and who is connected with nobody', () => {
  expect(
    right([
      [2, 2],
      [3, 3],
    ]),
  ).toEqual([]);
  expect(right([])).toEqual([]);
});
