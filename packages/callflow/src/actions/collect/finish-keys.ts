import { report, type Spot, type Step } from '../../interpreter/step.ts';
import type { CompiledParameters, Warn } from '../../parameters/compile.ts';
import { anyCase, type TextForm } from '../../parameters/text-form.ts';

const NAMED_KEYS: ReadonlyMap<string, string> = new Map([
  ['pound', '#'],
  ['hash', '#'],
  ['star', '*'],
  ['asterisk', '*'],
]);

const WORDS = [...NAMED_KEYS.keys(), 'none'].map(anyCase).join('|');

/** What {@link finishKeysNow} takes. */
export const FINISH_KEYS: TextForm = `^[\\s,]*(?:(?:${WORDS}|[0-9*#A-Da-d]+)(?:[\\s,]+|$))*$`;

/**
 * The keys named by `finish_on_key`: `pound`, `#`, `star`, `*`, digits and `A` to `D`, one or several, as a list or in
 * one text (`"#*"`, `"pound, star"`). What is no key is given back in `unknown`; `none` and the empty text mean no key.
 */
function finishKeysOf(written: readonly string[]): { keys: string[]; unknown: string[] } {
  const keys = new Set<string>();
  const unknown: string[] = [];
  for (const word of written.flatMap((text) => text.split(/[\s,]+/))) {
    const named = NAMED_KEYS.get(word.toLowerCase());
    if (named !== undefined) keys.add(named);
    else if (/^[0-9*#A-D]+$/i.test(word)) for (const key of word.toUpperCase()) keys.add(key);
    else if (word !== '' && word.toLowerCase() !== 'none') unknown.push(word);
  }
  return { keys: [...keys], unknown };
}

/** The keys that end what an action waits for; what is no key is reported. */
export function finishKeysNow(step: Step, spot: Spot, written: readonly string[]): string[] {
  const { keys, unknown } = finishKeysOf(written);
  for (const word of unknown) report(step, 'warning', spot, noKey(word));
  return keys;
}

/** Warns of what is no key in a `finish_on_key` that is known before the call. */
export function checkFinishKeys({ fixed }: CompiledParameters, warn: Warn): void {
  const written = fixed.finish_on_key;
  if (!Array.isArray(written)) return;
  for (const word of finishKeysOf(written.map(String)).unknown) warn(noKey(word));
}

function noKey(word: string): string {
  return `params.finish_on_key: "${word}" is no key`;
}
