/** Tones of the network: dial tone, subscriber busy, reorder (congestion), ringing, special information (failed number). */
export type NetworkTone = 'dial' | 'busy' | 'reorder' | 'ringback' | 'sit';

/** What made the decision between person and machine. */
export type AnsweringReason =
  /** A person: a short greeting and then silence, waiting for an answer. */
  | 'short_greeting'
  /** A machine: nothing was said at first. */
  | 'initial_silence'
  /** A machine: more was said, or more words, than people say. */
  | 'long_greeting'
  | 'many_words'
  /** A machine: its beep. */
  | 'beep'
  /** Undecided when the time was over. */
  | 'total_time';

/** What the analysis of a call's sound found. `atMs` counts from its start. */
export type Finding =
  | { kind: 'speech_started'; atMs: number }
  | { kind: 'speech_ended'; atMs: number; durationMs: number }
  /** At most one of these two, and none after `fax`. */
  | { kind: 'live_person' | 'answering_machine'; atMs: number; reason: AnsweringReason }
  /** A calling fax (`cng`, 1100 Hz) or an answering fax or modem (`ced`, 2100 Hz; ITU-T T.30, V.8). Each once. */
  | { kind: 'fax'; atMs: number; reason: 'cng' | 'ced'; frequenciesHz: number[] }
  /** A single tone that ended in silence, as of an answering machine; `atMs` its end. */
  | { kind: 'beep'; atMs: number; durationMs: number; frequenciesHz: number[] }
  /** When another one than before. */
  | { kind: 'tone'; atMs: number; tone: NetworkTone; frequenciesHz: number[] };
