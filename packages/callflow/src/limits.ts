/**
 * Bounds of the language itself, apart from the per-call {@link FlowSettings}: they keep a hostile document or a hostile
 * flow from taking more memory or time than a call may cost. All are plain numbers and may be set one by one.
 */
export interface LanguageLimits {
  /** Characters of one callback answer. */
  maxDocumentCharacters: number;
  /** The same of an answer in YAML, which takes a hundred times as long to read as JSON. */
  maxYamlCharacters: number;
  /** Nesting of arrays and objects in a document. */
  maxDocumentDepth: number;
  /** Actions of one document, nested ones included. */
  maxActions: number;
  /** How long a call may ring before WAIT gives it up. */
  maxRingMs: number;
  /** Lists open inside one another (prompts, loops, sub-flows, injected lists) at which RUN and injections are refused. */
  maxOpenLists: number;
  /** Digits of one COLLECT; it ends when they are there. */
  maxDigits: number;
  /** Milliseconds that one utterance of the caller may take in a COLLECT before it is given up. */
  maxSpeechMs: number;
  /** Characters kept of one utterance. */
  maxSpeechCharacters: number;
  /** Hints of one COLLECT; the rest is left out with a warning. */
  maxHints: number;
  /** Characters of one hint; a longer one is left out with a warning. */
  maxHintCharacters: number;
  /** Events of an action that wait for those before them; the newest is dropped with a warning. */
  maxWaitingEvents: number;
  /** Recordings, streams and the like that go on at once beside a flow. */
  maxBackground: number;
  /** Key press entries kept for the next callback; the oldest is dropped with a warning. */
  maxKeyPressEntries: number;
  /** User variables of one call, and keys at the top of the session data. */
  maxVariables: number;
  /** Characters of one stored value, written as JSON. */
  maxValueCharacters: number;
  /** Work of one expression, in calls of its functions and elements it walks. */
  maxExpressionSteps: number;
  /** Events of one step; the rest of that step is left out with a warning. */
  maxEventsPerStep: number;
  /** Compiled documents kept for the next call. */
  maxCachedPrograms: number;
  /** Characters of the documents kept for the next call. */
  maxCachedCharacters: number;
}

/** The limits when nothing else is configured. */
export const DEFAULT_LANGUAGE_LIMITS: Readonly<LanguageLimits> = Object.freeze({
  maxDocumentCharacters: 1_048_576,
  maxYamlCharacters: 65_536,
  maxDocumentDepth: 128,
  maxActions: 10_000,
  maxRingMs: 180_000,
  maxOpenLists: 64,
  maxDigits: 128,
  maxSpeechMs: 60_000,
  maxSpeechCharacters: 10_000,
  maxHints: 500,
  maxHintCharacters: 100,
  maxWaitingEvents: 100,
  maxBackground: 20,
  maxKeyPressEntries: 1_000,
  maxVariables: 1_000,
  maxValueCharacters: 65_536,
  maxExpressionSteps: 10_000,
  maxEventsPerStep: 1_000,
  maxCachedPrograms: 256,
  maxCachedCharacters: 16_777_216,
});
