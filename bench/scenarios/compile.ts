import { compileDocument, DEFAULT_LANGUAGE_LIMITS, lintDocument, parseDocument } from '@voxology/callflow';
import { workFor } from '../lib/processor-time.ts';
import { rule, type Scenario, verdict } from '../lib/scenario.ts';
import { percentile, rounded } from '../lib/statistics.ts';

const ACTIONS = 1_000;
/** A callback's answer must not hold up the other calls for longer than a packet of theirs lasts. */
const LIMIT_MS = 20;

/** Reading and compiling a document of a thousand actions; `n`: seconds of processor time to do it for. */
export const compile: Scenario = {
  unit: 's of processor time',
  load: 3,
  needsServer: false,
  async warmUp() {
    const texts = documentTexts();
    await workFor(500, () => compiled(texts()));
  },
  async run(_bench, n) {
    const texts = documentTexts();
    const { roundMs, rounds } = await workFor(n * 1000, () => compiled(texts()));
    const linted = await workFor(1000, () => lintDocument(texts()));
    const p50 = percentile(roundMs, 0.5) ?? 0;
    return verdict(
      n,
      [rule(p50 <= LIMIT_MS, `${rounded(p50, 2)} ms for a document of ${ACTIONS} actions (${LIMIT_MS} ms allowed)`)],
      {
        actions: ACTIONS,
        characters: texts().length,
        compiled: rounds,
        compile_ms_p50: rounded(p50, 2),
        compile_ms_p99: rounded(percentile(roundMs, 0.99), 2),
        actions_per_s: rounded((1000 * ACTIONS) / p50, 0),
        lint_ms_p50: rounded(percentile(linted.roundMs, 0.5), 1),
      },
    );
  },
};

function compiled(text: string): void {
  const parsed = parseDocument(text, DEFAULT_LANGUAGE_LIMITS);
  if (!parsed.ok) throw new Error(parsed.fault.message);
  const { warnings } = compileDocument(parsed.document, DEFAULT_LANGUAGE_LIMITS.maxActions);
  if (warnings.length > 0) throw new Error(warnings[0]?.message);
}

/** Gives one document after the other: so many that no expression is still in the language's cache when it comes again. */
function documentTexts(): () => string {
  const texts = Array.from({ length: 20 }, documentText);
  let next = 0;
  return () => {
    next += 1;
    return texts[next % texts.length] ?? '';
  };
}

/** Menus one after the other, no two conditions of the program alike. */
let made = 0;
function documentText(): string {
  const menus = Array.from({ length: ACTIONS / 10 }, (_, index) => {
    made += 1;
    const say = (text: string) => `{ "type": "SAY", "params": { "text": "${text}, \${name}, number ${made}." } }`;
    const play = `{ "type": "PLAY", "params": { "url": "https://example.com/${made}.wav", "loop": 2 } }`;
    const goto = `{ "type": "GOTO", "params": { "label": "MENU_${index}" } }`;
    return `
      { "type": "LABEL", "name": "MENU_${index}" },
      { "type": "COLLECT", "name": "c${index}", "params": { "num_digits": 1, "timeout": 5000 }, "actions": [${say('Press')}] },
      { "$n${index}": "($n${index} || ${made}) + 1" },
      { "type": "IF", "condition": "$keyPresses == '${index % 10}' && $n${index} < ${made}",
        "then": [${say('Right')}, ${play}],
        "orElse": [${say('Wrong')}, ${goto}] },
      { "type": "SESSIONDATA", "session_data": { "index": ${index}, "name": "\${name}" } }`;
  });
  return `{ "actions": [${menus.join(',')}] }`;
}
