import { type RecordingStart, startRecording } from '../../interpreter/recordings.ts';
import type { Spot, Step } from '../../interpreter/step.ts';
import { boolean } from '../../parameters/boolean.ts';
import { choice } from '../../parameters/choice.ts';
import { details } from '../../parameters/details.ts';
import { integer } from '../../parameters/integer.ts';
import type { ParameterValues } from '../../parameters/parameter.ts';
import { text } from '../../parameters/text.ts';
import { usableHints } from '../collect/hints.ts';
import { writtenDownParameters } from '../transcribe/written-down.ts';
import { recordingWebhook, recordingWebhookParameters } from './recording-webhook.ts';

/** How something is recorded, in the words of every action that records. `channels` is how many there are when not given. */
export const recordingOptions = (channels: 1 | 2) => ({
  max_time: integer({
    description: 'Longest time in milliseconds; not given: two minutes for a message, else as long as it goes on.',
    default: null,
    minimum: 1_000,
    maximum: 86_400_000,
  }),
  format: choice({ description: 'Of the file.', options: ['wav', 'mp3'], default: 'wav' }),
  channels: integer({
    description: '1: both parties together; 2: the caller left and what the caller hears right. A message has one.',
    default: channels,
    minimum: 1,
    maximum: 2,
  }),
  mask_digits: boolean({
    description: 'Keys that are pressed or sent are not heard in the recording, as for card numbers.',
    default: false,
  }),
  transcribe: boolean({
    description: 'What is said is written down too, after the end of the recording, with the next two.',
    default: false,
  }),
  ...writtenDownParameters,
  ...recordingWebhookParameters,
});

export type RecordingOptions = ParameterValues<ReturnType<typeof recordingOptions>>;

/** `record` of an action: `true`, or an object that says how in the words of RECORD. */
export function recordParameter({ what, name, channels }: { what: string; name: string; channels: 1 | 2 }) {
  const isDual = channels === 2 ? 'two channels, the caller left and the far side right' : 'one channel';
  return {
    record: details({
      description:
        `${what}, as a recording of this call named \`${name}\`, with ${isDual}; or as an object says in the words of RECORD ` +
        'with `action` `start`, such as `{ "format": "mp3", "transcribe": true }`.',
      members: {
        name: text({ description: 'Name of the entry in `recordings`.', default: name }),
        ...recordingOptions(channels),
      },
    }),
    ...recordingWebhookParameters,
  };
}

type Recorded = ParameterValues<ReturnType<typeof recordParameter>>;

/** What a recording that goes on beside the flow is like. */
export type BackgroundRecording = { start: RecordingStart; maxTimeMs: number | null };

/** What is to be recorded; null: nothing is. A webhook beside `record` counts where the object has none. */
export function recordingAsked(step: Step, spot: Spot, { record, ...beside }: Recorded): BackgroundRecording | null {
  if (record === null) return null;
  const { name, ...options } = record;
  const { start, maxTimeMs } = backgroundRecording(step, spot, name, options);
  return { start: { ...start, webhook: start.webhook ?? recordingWebhook(beside) }, maxTimeMs };
}

export function backgroundRecording(
  step: Step,
  spot: Spot,
  name: string | null,
  options: RecordingOptions,
): BackgroundRecording {
  const channels = options.channels === 2 ? 2 : 1;
  const start: RecordingStart = {
    name,
    channels,
    beep: false,
    callerOnly: false,
    silenceMs: null,
    ...howRecorded(step, spot, options),
  };
  return { start, maxTimeMs: options.max_time };
}

/** What messages and recordings in the background have in common. */
export function howRecorded(step: Step, spot: Spot, options: RecordingOptions) {
  const { format, mask_digits: maskDigits, transcribe, hints, language } = options;
  return {
    format,
    maskDigits,
    transcribe,
    hints: transcribe ? usableHints(step, spot, hints) : [],
    language: transcribe ? language : null,
    webhook: recordingWebhook(options),
  };
}

/** Begins what is asked for; the id of the recording, null when there is none. */
export function beginRecording(step: Step, spot: Spot, asked: BackgroundRecording | null): string | null {
  return asked === null ? null : startRecording(step, spot, asked.start, asked.maxTimeMs);
}
