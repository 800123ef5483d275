import { type ChosenVoice, chooseVoice } from './choose-voice.ts';
import type { TextToSpeechProvider } from './provider.ts';
import { cleanText, isSpeakable } from './speakable-text.ts';

/**
 * Silence, or a text in one manner. `rate`, `pitch` and `gain` are factors: a rate of 2 is twice as fast, a gain of 0 silent.
 * Rate and pitch are what the engine can make of them. Without voice and language it is the default voice.
 */
export type SpeechPart =
  | { pauseMs: number }
  | {
      text: string;
      rate: number;
      pitch: number;
      gain: number;
      voice: string | null;
      language: string | null;
      /** The sounds of the text in English, by the names of the CMU dictionary; for voices that can. */
      phones?: string;
    };

/** A part with its voice, and with its text as the voice takes it. */
export type VoicedPart = { pauseMs: number } | VoicedText;
export type VoicedText = { text: string; rate: number; pitch: number; gain: number; phones?: string; by: ChosenVoice };

/** Finds the voice of each part; texts with nothing to say are left out. @throws SpeechError */
export async function voiceParts(
  providers: readonly TextToSpeechProvider[],
  parts: readonly SpeechPart[],
): Promise<VoicedPart[]> {
  const voiced: VoicedPart[] = [];
  for (const part of parts) {
    if ('pauseMs' in part) voiced.push(part);
    else {
      const { voice, language, rate, pitch, gain, phones } = part;
      const by = await chooseVoice(providers, voice, language);
      const text = cleanText(part.text);
      if (isSpeakable(text)) voiced.push({ text, rate, pitch, gain, by, ...(phones === undefined ? {} : { phones }) });
    }
  }
  return voiced;
}

/** What tells one sound from another, as JSON. */
export async function contentOf(parts: readonly VoicedPart[]): Promise<unknown[]> {
  const content: unknown[] = [];
  for (const part of parts) {
    if ('pauseMs' in part) content.push(part.pauseMs);
    else {
      const { text, rate, pitch, gain, phones, by } = part;
      const sounds = phones === undefined ? [] : [phones];
      content.push([by.provider.name, await by.provider.version(), by.voice.name, text, rate, pitch, gain, ...sounds]);
    }
  }
  return content;
}
