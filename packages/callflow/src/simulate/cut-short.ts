import { CUT_BY_SPEECH } from '../actions/playback/playlist.ts';
import type { StepResult } from '../interpreter/interpreter.ts';
import type { Json, JsonObject } from '../io.ts';
import { isJsonObject } from '../json-value.ts';

/**
 * What a key led to: it cut a SAY or PLAY short, and no COLLECT right behind it has missed the key, which is what a caller
 * has it for.
 */
export function isCutByKey(result: StepResult): boolean {
  if (!result.events.some(({ type, data }) => type === 'progress' && Object.hasOwn(data, 'digit'))) return false;
  return !waits(result).some(({ takesDigits, digits }) => takesDigits === true && digits === '');
}

/**
 * The same for the voice. The words are heard by a COLLECT right behind that listens at once; one that does not, or a RECORD,
 * has missed them.
 */
export function isCutByVoice(result: StepResult): boolean {
  if (!result.events.some(({ type, message }) => type === 'progress' && message === CUT_BY_SPEECH)) return false;
  return !waits(result).some((wait) => isDeaf(wait.hearing) || takesMessage(wait.start));
}

function isDeaf(hearing: Json | undefined): boolean {
  return hearing !== undefined && isJsonObject(hearing) && hearing.listenId === null && hearing.isBroken !== true;
}

function takesMessage(start: Json | undefined): boolean {
  return start !== undefined && isJsonObject(start) && start.callerOnly === true;
}

function waits({ state }: StepResult): JsonObject[] {
  const frames = state.kind === 'call' ? state.strands.flatMap((strand) => strand.frames) : [];
  return frames.map(({ wait }) => wait).filter(isJsonObject);
}
