import { fillText } from '../../interpreter/evaluation.ts';
import { report, type Spot, type Step } from '../../interpreter/step.ts';
import type { PlaySource } from '../../io.ts';
import { textOfParts } from '../../ssml/spoken-parts.ts';
import { parseSsml, speakSsml } from '../../ssml/ssml.ts';
import { withoutMarkup } from '../../ssml/xml.ts';

/** Who speaks, where the text does not say. */
interface Speaker {
  voice: string | null;
  language: string | null;
}

/** A filled text as it is; null when it is empty. What is longer than allowed is cut and warned of. */
export function plainSpeech(
  step: Step,
  spot: Spot,
  { text, voice, language }: Speaker & { text: string },
): PlaySource | null {
  if (text.trim() === '') return null;
  const { maxSayCharacters } = step.call.settings;
  if (text.length > maxSayCharacters) warnOfLength(step, spot, text.length);
  return { kind: 'say', text: text.slice(0, maxSayCharacters), voice, language };
}

/**
 * An SSML document; null when it says nothing. Whatever is wrong with it is warned of, and its words are said all the same.
 */
export function ssmlSpeech(step: Step, spot: Spot, ssml: string, { voice, language }: Speaker): PlaySource | null {
  const { maxSayCharacters } = step.call.settings;
  const document = parseSsml(ssml);
  if (!document.ok) {
    const why = `${document.message} (character ${document.offset + 1})`;
    report(step, 'warning', spot, `the SSML cannot be read: ${why}; its words are said without its markup`);
    const text = fillText(step, withoutMarkup(ssml), ssml.length + maxSayCharacters);
    return plainSpeech(step, spot, { text, voice, language });
  }
  let roomForValues = maxSayCharacters;
  const fill = (text: string) => {
    const filled = fillText(step, text, text.length + roomForValues);
    roomForValues -= Math.max(0, filled.length - text.length);
    return filled;
  };
  const spoken = speakSsml(document, { voice, language, maxCharacters: maxSayCharacters, fill });
  for (const { message, offset } of spoken.problems) {
    report(step, 'warning', spot, `SSML: ${message} (character ${offset + 1})`);
  }
  const { parts, characters } = spoken;
  if (characters > maxSayCharacters) warnOfLength(step, spot, characters);
  return parts.length === 0 ? null : { kind: 'say', text: textOfParts(parts), voice, language, parts };
}

function warnOfLength(step: Step, spot: Spot, length: number): void {
  const { maxSayCharacters } = step.call.settings;
  report(step, 'warning', spot, `the text has ${length} characters; ${maxSayCharacters} are said`);
}
