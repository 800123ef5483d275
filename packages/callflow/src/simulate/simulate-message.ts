import type { JsonObject, MessageOutcome } from '../io.ts';
import { documentSource } from './document-source.ts';
import { MessageLine } from './message-line.ts';
import type { AnswerMessageCallback, MessageScript, SentMessage, SimulatedMessageCallback } from './message-script.ts';
import type { TranscriptEntry } from './script.ts';
import { SimulationError } from './simulated-call.ts';
import { transcriptText } from './transcript.ts';

/** Stands in callbacks for the URL of a flow that is given as a document. */
const DOCUMENT = 'the flow';

/** A text message and what a flow made of it. */
export class SimulatedMessage {
  readonly #line: MessageLine;
  /** How many of the messages sent have been spoken of. */
  #noticed = 0;

  constructor(line: MessageLine) {
    this.#line = line;
  }

  /**
   * The next messages that the flow sent, in order, contain these texts, or match these expressions.
   *
   * @throws SimulationError when they do not
   */
  replies(...expected: (string | RegExp)[]): this {
    for (const text of expected) {
      const shown = typeof text === 'string' ? `"${text}"` : `something like ${text}`;
      const sent = this.#line.sent[this.#noticed];
      if (sent === undefined) this.#fail(`expected the flow to send ${shown}, but it sent nothing more`);
      const isIt = typeof text === 'string' ? sent.text.includes(text) : text.test(sent.text);
      if (!isIt) this.#fail(`expected the flow to send ${shown}, but the next message was "${sent.text}"`);
      this.#noticed += 1;
    }
    return this;
  }

  /** The messages that the flow sent, or tried to. */
  get sent(): readonly SentMessage[] {
    return this.#line.sent;
  }

  get transcript(): readonly TranscriptEntry[] {
    return this.#line.entries;
  }

  /** The transcript for people, a line per entry. */
  get text(): string {
    return transcriptText(this.#line.entries);
  }

  /** The callbacks asked for, with their bodies and what came back. */
  get callbacks(): readonly SimulatedMessageCallback[] {
    return this.#line.callbacks;
  }

  get sessionData(): JsonObject | null {
    const { state } = this.#line;
    return state.kind === 'call' ? state.sessionData : null;
  }

  /** The flow's own variables, by name without the `$`. */
  get variables(): JsonObject {
    const { state } = this.#line;
    return state.kind === 'call' ? state.variables : {};
  }

  get outcome(): MessageOutcome {
    const { outcome } = this.#line;
    if (outcome === null) throw new TypeError('a simulated message is over when it is given out');
    return outcome;
  }

  #fail(message: string): never {
    throw new SimulationError(message, this.#line.entries);
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
  await line.run();
  return new SimulatedMessage(line);
}
