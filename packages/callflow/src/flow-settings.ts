import type { CallbackTarget, FlowSettings } from './io.ts';

/**
 * The settings of a number that configures nothing but its callback: answered when media is needed, four hours at most,
 * two hundred phones rung, three empty answers, twenty idle callbacks, ten thousand characters of one text.
 */
export function defaultFlowSettings(callback: CallbackTarget): FlowSettings {
  return {
    callback,
    callbackFailover: null,
    answerOnRing: false,
    maxCallTimeMs: 14_400_000,
    maxStepsWithoutWait: 10_000,
    maxLegs: 200,
    maxEmptyAnswers: 3,
    emptyAnswerPauseMs: 1_000,
    maxIdleCallbacks: 20,
    maxSayCharacters: 10_000,
    apologyText: 'We are sorry, an application error has occurred. Goodbye.',
  };
}
