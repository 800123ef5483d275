import { forgetListener, type ListeningStart, listen, stopListening } from '../../interpreter/listening.ts';
import type { Step } from '../../interpreter/step.ts';
import type { SpeechInput } from '../../io.ts';
import { asHinted } from './hints.ts';

/** What a COLLECT hears of the caller. */
export type Hearing = {
  start: ListeningStart;
  /** Null while nobody is listened to: in a prompt that speech does not cut short, and once keys are pressed. */
  listenId: string | null;
  /** The caller has begun to speak, and it is not known yet what. */
  isSpeaking: boolean;
  /** There is nobody who understands. */
  isBroken: boolean;
  text: string;
  confidence: number | null;
};

export function hearingOf(start: ListeningStart): Hearing {
  return { start, listenId: null, isSpeaking: false, isBroken: false, text: '', confidence: null };
}

/** Listens to the caller, when that can be had and does not go on already. */
export function open(step: Step, hearing: Hearing): Hearing {
  if (hearing.listenId !== null || hearing.isBroken) return hearing;
  return { ...hearing, listenId: listen(step, hearing.start) };
}

/** Listens no more. */
export function close(step: Step, hearing: Hearing): Hearing {
  if (hearing.listenId !== null) stopListening(step, hearing.listenId);
  return { ...hearing, listenId: null, isSpeaking: false };
}

/** Nobody understands what is said, and nobody will. */
export function broken(step: Step, hearing: Hearing): Hearing {
  if (hearing.listenId !== null) forgetListener(step, hearing.listenId);
  return { ...hearing, listenId: null, isSpeaking: false, isBroken: true };
}

/** What was said is known, in the words of the hint when it is one. */
export function understood(
  step: Step,
  hearing: Hearing,
  { text, confidence }: Extract<SpeechInput, { type: 'speech_recognized' }>,
): Hearing {
  const said = text.trim().slice(0, step.limits.maxSpeechCharacters);
  return { ...hearing, isSpeaking: false, text: asHinted(said, hearing.start.hints), confidence };
}

/** Before the next attempt. */
export function forgotten(hearing: Hearing): Hearing {
  return { ...hearing, isSpeaking: false, text: '', confidence: null };
}
