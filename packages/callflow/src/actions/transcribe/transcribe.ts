import {
  addBackground,
  backgroundOf,
  backgroundsOf,
  raiseFrom,
  removeBackground,
} from '../../interpreter/background.ts';
import { parametersNow } from '../../interpreter/evaluation.ts';
import { newId, report, reportError, type Step } from '../../interpreter/step.ts';
import type { TranscriptionTrack } from '../../io.ts';
import { choice } from '../../parameters/choice.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import type { ParameterValues } from '../../parameters/parameter.ts';
import { textList } from '../../parameters/text.ts';
import { webhook } from '../../parameters/webhook.ts';
import { type BackgroundInput, CONTINUE, defineAction, type InstructionOf } from '../action.ts';
import { usableHints } from '../collect/hints.ts';
import { compileEvents, type EventRanges, eventsNow } from '../events/events.ts';
import { checkTracks, formOfTracks, readTracks } from '../tracks.ts';
import { writtenDownParameters } from './written-down.ts';

const WEBHOOK = '`{ "url": … }`, or the address alone';

const TRACKS: readonly TranscriptionTrack[] = ['caller', 'transfer'];

const parameters = {
  action: choice({ description: 'Begin, or stop all.', options: ['start', 'stop'], default: 'start' }),
  tracks: textList({
    description: 'Whose words: `caller` (the remote party), `transfer` (who a transfer reaches); both when not given.',
    form: formOfTracks(TRACKS),
  }),
  ...writtenDownParameters,
  live_transcript_webhook: webhook({ description: `Gets each piece as it is said: ${WEBHOOK}.` }),
  end_transcript_webhook: webhook({ description: `Gets the whole at the end: ${WEBHOOK}.` }),
  end_transcript_webhook_failover: webhook({ description: `Gets the whole when the former fails: ${WEBHOOK}.` }),
};

const EVENTS = ['on_error'];

type Arguments = { parameters: CompiledParameters; events: EventRanges };
type Written = ParameterValues<typeof parameters>;

export const transcribe = defineAction<Arguments, null>({
  type: 'TRANSCRIBE',
  summary: 'Has what is said written down.',
  description:
    'Goes on beside the flow until it is stopped or the call is over; the flow does not wait. The whole is sent when it is over. ' +
    'When it cannot be done that is reported, and the list of `on_error` runs beside the flow; `$reason` is why.',
  example: {
    type: 'TRANSCRIBE',
    params: { action: 'start', tracks: ['caller'], end_transcript_webhook: { url: 'https://example.com/transcript' } },
  },
  parameters,
  fields: { events: 'Lists of actions: `on_error`.' },
  events: EVENTS,
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    checkTracks(compiled, TRACKS, compiler.warn);
    const instruction = compiler.emit<Arguments>({ parameters: compiled, events: {} });
    instruction.args = { parameters: compiled, events: compileEvents(entry, compiler, EVENTS) };
    instruction.next = compiler.here();
  },
  behaviour: {
    needsMedia: true,
    start(step, instruction) {
      const written = parametersNow(step, instruction, parameters, instruction.args.parameters);
      if (written.action === 'start') begin(step, instruction, written);
      else stop(step, instruction);
      return CONTINUE;
    },
  },
  onBackground(step, input: BackgroundInput) {
    if (input.type !== 'transcription_failed') return false;
    const transcription = backgroundOf(step, 'transcription', input.transcriptionId);
    if (transcription === undefined) return true;
    removeBackground(step, transcription);
    reportError(step, transcription.spot, `the transcription failed: ${input.reason}`, { reason: input.reason });
    raiseFrom(step, transcription, 'on_error', { reason: input.reason });
    return true;
  },
});

function begin(step: Step, instruction: InstructionOf<Arguments>, written: Written): void {
  const transcriptionId = newId(step, 'w');
  const events = eventsNow(step, null, instruction.args.events);
  const background = { kind: 'transcription', id: transcriptionId, name: null, timerId: null, events } as const;
  if (!addBackground(step, instruction, background)) return;
  const { tracks, fault } = readTracks(written.tracks, TRACKS);
  if (fault !== null) report(step, 'warning', instruction, fault);
  step.effects.push({
    type: 'start_transcription',
    transcriptionId,
    tracks: tracks.length === 0 ? [...TRACKS] : tracks,
    hints: usableHints(step, instruction, written.hints),
    language: written.language,
    liveUrl: written.live_transcript_webhook,
    endUrl: written.end_transcript_webhook,
    endFailoverUrl: written.end_transcript_webhook_failover,
  });
}

function stop(step: Step, instruction: InstructionOf<Arguments>): void {
  const all = backgroundsOf(step, 'transcription', null);
  if (all.length === 0) report(step, 'warning', instruction, 'there is no transcription to stop');
  for (const transcription of all) {
    removeBackground(step, transcription);
    step.effects.push({ type: 'stop_transcription', transcriptionId: transcription.id });
  }
}
