import type { TextToSpeechProvider, Voice } from './provider.ts';
import { SpeechError } from './speech-error.ts';

export type ChosenVoice = { provider: TextToSpeechProvider; voice: Voice };

const sameTag = (a: string, b: string) => a.replaceAll('_', '-').toLowerCase() === b.replaceAll('_', '-').toLowerCase();
const primaryTag = (tag: string) => tag.split(/[-_]/, 1)[0]?.toLowerCase() ?? '';

/**
 * Finds the voice for a request. A named voice wins; then a language, by the first provider that speaks it (the voice with
 * the whole tag before one with its first part alone); without either it is the first provider's first voice.
 *
 * @throws SpeechError `unknown_voice` with the names there are, `unsupported_language` with what to install
 */
export async function chooseVoice(
  providers: readonly TextToSpeechProvider[],
  name: string | null,
  language: string | null,
): Promise<ChosenVoice> {
  const known: ChosenVoice[] = [];
  for (const provider of providers) {
    const voices = await provider.voices();
    const found = name === null ? pickByLanguage(voices, language) : voices.find((voice) => sameTag(voice.name, name));
    if (found !== undefined) return { provider, voice: found };
    known.push(...voices.map((voice) => ({ provider, voice })));
  }
  if (name !== null) {
    const names = known.map(({ voice }) => voice.name).join(', ');
    throw new SpeechError(
      'unknown_voice',
      `there is no voice "${name}"; the voices are: ${names}${advice(providers, known)}`,
    );
  }
  const languages = [...new Set(known.map(({ voice }) => voice.language))].join(', ');
  throw new SpeechError(
    'unsupported_language',
    `no voice speaks "${language ?? ''}"; the languages are: ${languages}${advice(providers, known)}`,
  );
}

function pickByLanguage(voices: readonly Voice[], language: string | null): Voice | undefined {
  if (language === null) return voices[0];
  const tags = (voice: Voice) => [voice.language, ...voice.otherLanguages];
  return (
    voices.find((voice) => sameTag(voice.language, language)) ??
    voices.find((voice) => tags(voice).some((tag) => sameTag(tag, language))) ??
    voices.find((voice) => tags(voice).some((tag) => primaryTag(tag) === primaryTag(language)))
  );
}

/** What to install for more voices. */
function advice(providers: readonly TextToSpeechProvider[], known: readonly ChosenVoice[]): string {
  const absent = providers.filter((provider) => !known.some((choice) => choice.provider === provider));
  return absent.map(({ installation }) => (installation === null ? '' : `; for more, ${installation}`)).join('');
}
