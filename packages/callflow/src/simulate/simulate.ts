import type { JsonObject } from '../io.ts';
import { documentSource } from './document-source.ts';
import { runAtOnce, runWaiting } from './progress.ts';
import type { AnswerCallback, SimulatedRequest, SimulationScript } from './script.ts';
import { CallUnderTest } from './simulated-call.ts';
import { VirtualLine } from './virtual-line.ts';

/** Stands in callbacks for the URL of a flow that is given as a document. */
const DOCUMENT = 'the flow';

const REDIRECTS_GIVE_A_PROMISE =
  '"redirects" gave a promise; to wait for answers, give simulate a function in place of the flow';

/** A call whose flow is a document: every step is done when it returns. */
export type SimulatedCall = CallUnderTest<'now'>;

/** A call whose callbacks a function answers: every step is awaited. */
export type SimulatedServerCall = CallUnderTest<'later'>;

/**
 * Begins a call in virtual time, run by the very interpreter that runs live calls. The call stands at its start; take it
 * on step by step, or let it run with `ends()`.
 *
 * @param flow the document or its text, given for every callback; or a function that answers the callbacks
 * @throws RangeError when `script.at` is no time
 */
export async function simulate(flow: AnswerCallback, script?: SimulationScript): Promise<SimulatedServerCall>;
export async function simulate(flow: JsonObject | string, script?: SimulationScript): Promise<SimulatedCall>;
export async function simulate(
  flow: AnswerCallback | JsonObject | string,
  script: SimulationScript = {},
): Promise<SimulatedServerCall | SimulatedCall> {
  if (typeof flow === 'function') {
    return new CallUnderTest<'later'>(
      new VirtualLine(flow, script, 'https://flow.example/'),
      async (progress, call) => {
        await runWaiting(progress);
        return call;
      },
    );
  }
  const source = documentSource<SimulatedRequest>(flow, script.settings?.callback?.url ?? DOCUMENT, script.redirects);
  return new CallUnderTest<'now'>(new VirtualLine(source, script, DOCUMENT), (progress, call) => {
    runAtOnce(progress, REDIRECTS_GIVE_A_PROMISE);
    return call;
  });
}
