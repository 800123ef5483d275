/**
 * Documents of all kinds, whole and damaged, through everything that reads them. A count bounds it: FUZZ_RUNS documents
 * (200 when not given) that follow from FUZZ_SEED. `node scripts/fuzz.mjs --minutes N` runs it for longer.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ASSIGNMENT } from '../actions/assignment/assignment.ts';
import { ACTIONS } from '../actions/registry.ts';
import { parseDocument } from '../document/document.ts';
import { flowGraph } from '../graph/flow-graph.ts';
import { flowSvg } from '../graph/flow-svg.ts';
import { createInterpreter, type Interpreter } from '../interpreter/interpreter.ts';
import { replay } from '../interpreter/replay.ts';
import { DEFAULT_LANGUAGE_LIMITS } from '../limits.ts';
import { lintDocument } from '../lint/lint.ts';
import { simulateMessage } from '../simulate/simulate-message.ts';
import { VirtualLine } from '../simulate/virtual-line.ts';
import { arbitraryFlow, damaged } from './arbitrary-flow.ts';

const numRuns = Number(process.env.FUZZ_RUNS ?? 200);
const seed = Number(process.env.FUZZ_SEED ?? 1);
const TIMEOUT_MS = 60_000 + 200 * numRuns;
/** Of a call: it comes to its end long before. */
const MOST_INPUTS = 5_000;
const MOST_STEPS = 200;
/** What failed, such as a transfer, counts as that many at the most: the one step that reaches the limit may go so far over. */
const STEPS_OF_A_FAILURE = 200;

const written = arbitraryFlow.map((flow) => JSON.stringify(flow, null, 2));
const text = fc.oneof(
  { weight: 3, arbitrary: written },
  { weight: 3, arbitrary: damaged(written) },
  { weight: 1, arbitrary: damaged(arbitraryFlow.map(asYaml)) },
  { weight: 1, arbitrary: fc.string() },
);
const presses = fc.array(fc.constantFrom('1', '12#', '*', ''), { maxLength: 4 });

/** The document as YAML that holds JSON, so that accidents happen to the YAML around it. */
function asYaml(flow: object): string {
  return Object.entries(flow)
    .map(([key, value]) =>
      Array.isArray(value)
        ? `${key}:\n${value.map((entry) => `  - ${JSON.stringify(entry)}\n`).join('')}`
        : `${key}: ${JSON.stringify(value)}\n`,
    )
    .join('');
}

function check(holds: (text: string, keys: string[]) => void | Promise<void>): Promise<void> {
  return fc.assert(
    fc.asyncProperty(text, presses, async (document, keys) => holds(document, keys)),
    { numRuns, seed },
  );
}

test('lint gives findings with places in the text', { timeout: TIMEOUT_MS }, async () => {
  await check((document) => {
    const lines = document.split('\n');
    for (const sms of [false, true]) {
      for (const { line, column, message, hint } of lintDocument(document, { sms })) {
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
        expect([message, hint]).not.toContain('');
      }
    }
  });
});

test('graphs are drawn of what is a document', { timeout: TIMEOUT_MS }, async () => {
  await check((document) => {
    if (!parseDocument(document, DEFAULT_LANGUAGE_LIMITS).ok) {
      expect(() => flowGraph(document)).toThrow(Error);
      return;
    }
    expect(flowGraph(document)).toMatch(/^flowchart TD\n/);
    expect(flowSvg(document)).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  });
});

test('calls come to their end within their limits, and replay to the same', { timeout: TIMEOUT_MS }, async () => {
  const started = new Set<string | null>();
  await check((document, keys) => {
    const line = new VirtualLine(
      () => document,
      { presses: keys, maxCallbacks: 5, settings: { maxCallTimeMs: 60_000, maxStepsWithoutWait: MOST_STEPS } },
      'flow',
      { interpreter: watched(createInterpreter(), started) },
    );
    for (const _ of line.advance(() => false)) throw new Error('a document is there at once');
    expect(line.outcome).not.toBeNull();
    expect(line.effects.at(-1)?.type).toBe('finish');
    expect(line.inputs.length).toBeLessThan(MOST_INPUTS);
    expect(JSON.stringify(replay(createInterpreter(), line.inputs).effects)).toBe(JSON.stringify(line.effects));
  });
  const missed = ACTIONS.filter(({ type }) => type !== ASSIGNMENT && !started.has(type)).map(({ type }) => type);
  expect(missed).toEqual([]);
});

test('text messages too', { timeout: TIMEOUT_MS }, async () => {
  await check(async (document) => {
    const { outcome } = await simulateMessage(document, { text: 'Hi', maxCallbacks: 3 });
    expect(outcome.endTimeMs).toBeGreaterThan(0);
  });
});

/** An interpreter whose every step is looked at; notes the actions that it starts. */
function watched(interpreter: Interpreter, started: Set<string | null>): Interpreter {
  return {
    ...interpreter,
    step: (state, input) => {
      const result = interpreter.step(state, input);
      for (const { type, action } of result.events) if (type === 'action_started') started.add(action);
      expect(result.events.length).toBeLessThanOrEqual(DEFAULT_LANGUAGE_LIMITS.maxEventsPerStep + 10);
      if (result.state.kind === 'call')
        expect(result.state.stepsWithoutWait).toBeLessThanOrEqual(MOST_STEPS + STEPS_OF_A_FAILURE);
      return result;
    },
  };
}
