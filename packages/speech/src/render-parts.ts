import { joinParts, type SoundOrPause } from './join-parts.ts';
import { levelGain, loudestGain, normaliseLevel } from './level.ts';
import type { SynthesizedSpeech } from './provider.ts';
import { SpeechError } from './speech-error.ts';
import type { VoicedPart, VoicedText } from './speech-part.ts';

/** The one rate that all speech is brought to. */
export type SpeechOutput = {
  sampleRateHz: number;
  /** Changes the rate of samples; may give them on shared memory. */
  convert(samples: Int16Array, fromHz: number, toHz: number): Int16Array | Promise<Int16Array>;
};

type SpokenPart = { pauseMs: number } | { part: VoicedText; samples: Int16Array };

/** Speaks a text alone, which keeps the silence that its voice begins and ends with. @throws SpeechError */
export async function renderText(
  text: VoicedText,
  output: SpeechOutput | null,
  signal: AbortSignal,
): Promise<SynthesizedSpeech> {
  const { samples, sampleRateHz } = await speak(text, output, signal);
  normaliseLevel(samples, sampleRateHz);
  return { samples, sampleRateHz };
}

/**
 * Speaks parts, at least one of them text, one after the other: the engines take their turns between calls anyway.
 *
 * @param output null: the rate of the voices, which then must be one
 * @throws SpeechError
 */
export async function renderParts(
  parts: readonly VoicedPart[],
  output: SpeechOutput | null,
  signal: AbortSignal,
): Promise<SynthesizedSpeech> {
  const spoken: SpokenPart[] = [];
  let rateHz = output?.sampleRateHz ?? 0;
  for (const part of parts) {
    if ('pauseMs' in part) spoken.push(part);
    else {
      const { samples, sampleRateHz } = await speak(part, output, signal);
      rateHz ||= sampleRateHz;
      if (sampleRateHz !== rateHz) {
        throw new SpeechError(
          'failed',
          `voices of ${rateHz} and ${sampleRateHz} Hz speak one text; set a rate of the result`,
        );
      }
      spoken.push({ part, samples });
    }
  }
  return { samples: joinParts(levelled(spoken, rateHz), rateHz), sampleRateHz: rateHz };
}

async function speak(part: VoicedText, output: SpeechOutput | null, signal: AbortSignal): Promise<SynthesizedSpeech> {
  const { text, rate, pitch, phones, by } = part;
  const request = { text, voice: by.voice.name, rate, pitch, ...(phones === undefined ? {} : { phones }) };
  const spoken = await by.provider.synthesize(request, signal);
  if (output === null) return spoken;
  const samples = await output.convert(spoken.samples, spoken.sampleRateHz, output.sampleRateHz);
  return { samples, sampleRateHz: output.sampleRateHz };
}

/** Each voice is brought to the level of all speech by all that it says, so that its parts keep their differences. */
function levelled(spoken: readonly SpokenPart[], sampleRateHz: number): SoundOrPause[] {
  const byVoice = Map.groupBy(
    spoken.filter((one) => 'part' in one),
    voiceOf,
  );
  const gains = new Map([...byVoice].map(([voice, sounds]) => [voice, levelGain(together(sounds), sampleRateHz)]));
  return spoken.map((one) => {
    if ('pauseMs' in one) return one;
    const gain = (gains.get(voiceOf(one)) ?? 1) * one.part.gain;
    return { samples: one.samples, gain: Math.min(gain, loudestGain(one.samples)) };
  });
}

function voiceOf({ part: { by } }: { part: VoicedText }): string {
  return `${by.provider.name}/${by.voice.name}`;
}

function together(sounds: readonly { samples: Int16Array }[]): Int16Array {
  const all = new Int16Array(sounds.reduce((length, { samples }) => length + samples.length, 0));
  let at = 0;
  for (const { samples } of sounds) {
    all.set(samples, at);
    at += samples.length;
  }
  return all;
}
