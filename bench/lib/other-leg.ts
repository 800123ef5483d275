import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ulawDecode } from '../../e2e/lib/g711.ts';
import { decodeReplay } from './replay.ts';
import { toneHz } from './rtppeer.ts';
import { toneLevelsDb } from './tones-heard.ts';

/** Of all tones of both sides. */
export const TONE_AMPLITUDE = 4000;
/** Of the callers with Opus, who take turns; whole Hz, and none of them a multiple of another. */
export const OPUS_TONES_HZ: readonly number[] = [430, 570, 710, 890, 1130, 1370, 1690, 2030];
/** The other leg's tone is there, within so much; all other tones are so far below. */
const LEVEL_DB = 1.5;
const ABSENT_DB = -20;
/** 100 ms. */
const LEVEL_PIECE = 800;

/** What one leg of a pair heard, against what was sent. */
export interface Heard {
  /** CALL.opus of a caller, CALL.ulaw of a callee. */
  name: string;
  /** The tone of the leg it is connected with. */
  levelDb: number;
  /** The loudest of the tones of all others. */
  othersDb: number;
}

export function holdsOtherLeg({ levelDb, othersDb }: Heard): boolean {
  return Math.abs(levelDb) < LEVEL_DB && othersDb < ABSENT_DB;
}

/** Reads rtppeer's samples of `pairs` callers with Opus and the callees that they are connected with. */
export function whatWasHeard(directory: string, pairs: number, callerOfCallee: ReadonlyMap<number, number>): Heard[] {
  const calleeOfCaller = new Map([...callerOfCallee].map(([callee, caller]) => [caller, callee]));
  const calleeTonesHz = Array.from({ length: pairs }, (_, i) => toneHz(i + 1, pairs));
  return readdirSync(directory).map((name) => {
    const file = readFileSync(join(directory, name));
    const call = Number.parseInt(name, 10);
    if (name.endsWith('.opus'))
      return compare(name, decodeReplay('opus', file), calleeTonesHz, calleeOfCaller.get(call));
    const caller = callerOfCallee.get(call);
    const turn = caller === undefined ? undefined : ((caller - 1) % OPUS_TONES_HZ.length) + 1;
    return compare(name, Int16Array.from(file, ulawDecode), OPUS_TONES_HZ, turn);
  });
}

/** `expected`: which of the tones it should be, from 1; undefined: nobody is connected. */
function compare(name: string, heard: Int16Array, tonesHz: readonly number[], expected = 0): Heard {
  const levelsDb = toneLevelsDb(heard, tonesHz, TONE_AMPLITUDE);
  const expectedHz = tonesHz[expected - 1] ?? 0;
  const [levelDb = Number.NEGATIVE_INFINITY] = toneLevelsDb(heard, [expectedHz], TONE_AMPLITUDE, LEVEL_PIECE);
  return { name, levelDb, othersDb: Math.max(...levelsDb.filter((_, i) => i !== expected - 1)) };
}
