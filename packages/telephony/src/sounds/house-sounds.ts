import { type MediaEngine, type PromptRef, synthesizeTone, type ToneComponent } from '@voxology/media';
import { holdMusic } from './hold-music.ts';

const RATE_HZ = 8000;

/** The ringing tone of North America (ITU-T E.180): 2 s of 440 and 480 Hz, 4 s of silence. */
const RINGING: readonly ToneComponent[] = [
  { frequencyHz: 440, levelDbm0: -19 },
  { frequencyHz: 480, levelDbm0: -19 },
];
/** Two short tones, rising for who comes and falling for who goes. */
const LOW: readonly ToneComponent[] = [{ frequencyHz: 523, levelDbm0: -20 }];
const HIGH: readonly ToneComponent[] = [{ frequencyHz: 784, levelDbm0: -20 }];

/** That of answering machines. */
const BEEP: readonly ToneComponent[] = [{ frequencyHz: 1000, levelDbm0: -12 }];

type Name = 'ringing' | 'hold-music' | 'enter' | 'exit' | 'beep';

const MAKERS: Readonly<Record<Name, () => Int16Array<SharedArrayBuffer>>> = {
  ringing: () => sequence([RINGING, 2000], [[], 4000]),
  'hold-music': holdMusic,
  enter: () => sequence([LOW, 120], [HIGH, 160]),
  exit: () => sequence([HIGH, 120], [LOW, 160]),
  beep: () => sequence([BEEP, 400]),
};

/** Sounds of our own that no flow has to bring; each is made and given to the media workers when it is first needed. */
export class HouseSounds {
  readonly #media: Pick<MediaEngine, 'loadPrompt'>;
  readonly #loaded = new Map<Name, PromptRef>();

  constructor(media: Pick<MediaEngine, 'loadPrompt'>) {
    this.#media = media;
  }

  get(name: Name): PromptRef {
    let prompt = this.#loaded.get(name);
    if (prompt === undefined) {
      prompt = this.#media.loadPrompt({ id: `house/${name}`, samples: MAKERS[name](), sampleRateHz: RATE_HZ });
      this.#loaded.set(name, prompt);
    }
    return prompt;
  }
}

function sequence(
  ...tones: [components: readonly ToneComponent[], durationMs: number][]
): Int16Array<SharedArrayBuffer> {
  const parts = tones.map(([components, durationMs]) => synthesizeTone(components, { durationMs, edgeMs: 5 }));
  const samples = new Int16Array(new SharedArrayBuffer(2 * parts.reduce((sum, { length }) => sum + length, 0)));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return samples;
}
