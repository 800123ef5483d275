import type { JsonObject, MessageOutcome } from '../io.ts';
import { documentSource } from './document-source.ts';
import { MessageLine } from './message-line.ts';
import type { AnswerMessageCallback, MessageScript, SentMessage, SimulatedMessageCallback } from './message-script.ts';
import { runWaiting } from './progress.ts';
import { isLike, named, Simulation } from './simulation.ts';

/** Stands in callbacks for the URL of a flow that is given as a document. */
const DOCUMENT = 'the flow';

/** A text message and what a flow made of it. */
export class SimulatedMessage extends Simulation<SimulatedMessageCallback> {
  readonly #line: MessageLine;
  /** How many of the messages sent have been spoken of. */
  #noticed = 0;

  constructor(line: MessageLine) {
    super(line);
    this.#line = line;
  }

  /**
   * The next messages that the flow sent, in order, contain these texts, or match these expressions.
   *
   * @throws SimulationError when they do not
   */
  replies(...expected: (string | RegExp)[]): this {
    for (const text of expected) {
      const sent = this.#line.sent[this.#noticed];
      if (sent === undefined) this.fail(`expected the flow to send ${named(text)}, but it sent nothing more`);
      if (!isLike(sent.text, text))
        this.fail(`expected the flow to send ${named(text)}, but the next message was "${sent.text}"`);
      this.#noticed += 1;
    }
    return this;
  }

  /** The messages that the flow sent, or tried to. */
  get sent(): readonly SentMessage[] {
    return this.#line.sent;
  }

  get outcome(): MessageOutcome {
    const { outcome } = this.#line;
    if (outcome === null) throw new TypeError('a simulated message is over when it is given out');
    return outcome;
  }
}

/**
 * Has a text message come in, in virtual time, and runs its flow to the end with the very interpreter that runs live ones.
 *
 * @param flow the document or its text; or a function that answers the callbacks
 * @throws RangeError when `script.at` is no time
 */
export async function simulateMessage(
  flow: AnswerMessageCallback | JsonObject | string,
  script: MessageScript,
): Promise<SimulatedMessage> {
  const line =
    typeof flow === 'function'
      ? new MessageLine(flow, script, 'https://flow.example/')
      : new MessageLine(
          documentSource(flow, script.settings?.callback?.url ?? DOCUMENT, script.redirects),
          script,
          DOCUMENT,
        );
  await runWaiting(line.advance(() => false));
  return new SimulatedMessage(line);
}
