/** How a caller may answer: with the keypad, or by speaking. */
export const CALLER_INPUTS = ['digits', 'speech'] as const;
export type CallerInput = (typeof CALLER_INPUTS)[number];

/** Silence after which what the caller says is over, when nothing else is said. */
export const END_SILENCE_MS = 700;
