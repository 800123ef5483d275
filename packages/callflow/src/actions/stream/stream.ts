import { addBackground, backgroundsOf, removeBackground } from '../../interpreter/background.ts';
import { parametersNow } from '../../interpreter/evaluation.ts';
import { emitWhileUp, newId, report, reportError, type Step, setTimer } from '../../interpreter/step.ts';
import { isTooLong, measure } from '../../interpreter/variables.ts';
import type { JsonObject, StreamTrack } from '../../io.ts';
import { isJsonObject } from '../../json-value.ts';
import { boolean } from '../../parameters/boolean.ts';
import { choice } from '../../parameters/choice.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { integer } from '../../parameters/integer.ts';
import { json } from '../../parameters/json.ts';
import type { ParameterValues } from '../../parameters/parameter.ts';
import { text, textList } from '../../parameters/text.ts';
import { CONTINUE, defineAction, type InstructionOf, type Outcome } from '../action.ts';
import { finishKeysOf } from '../collect/finish-keys.ts';
import { compileEvents, type EventRanges, eventsNow } from '../events/events.ts';
import { onStreamInBackground, onStreamInput, type Streaming } from './streaming.ts';

const parameters = {
  action: choice({
    description: 'Begin a stream, or stop those of this `name`, or all.',
    options: ['start', 'stop'],
    default: 'start',
  }),
  url: text({ description: 'ws(s) address that gets the sound; needed to start.', default: '' }),
  name: text({ description: 'By which it is stopped; handed over to the address.', default: null }),
  tracks: textList({
    description: '`far` (what the remote party says), `near` (what it hears); `far` when not given.',
  }),
  bidirectional: boolean({
    description:
      'What the address sends is played to the caller, and the flow waits until the address closes, a key of ' +
      '`finish_on_key` is pressed, or `max_time` is over.',
    default: false,
  }),
  finish_on_key: textList({ description: 'Key that ends a bidirectional stream: `pound`, `star`, a digit.' }),
  max_time: integer({
    description: 'Longest time in milliseconds; the whole call when not given.',
    default: null,
    minimum: 1_000,
    maximum: 86_400_000,
  }),
  protocol: choice({
    description: 'Messages of the WebSocket: our own, or those of Twilio Media Streams, for servers made for that.',
    options: ['voxology', 'twilio'],
    default: 'voxology',
  }),
  codec: choice({ description: 'How the sound is written.', options: ['mulaw', 'l16'], default: 'mulaw' }),
  sample_rate: integer({
    description: 'Samples per second: 8000, or for `l16` also 16000 or 24000.',
    default: 8_000,
    minimum: 8_000,
    maximum: 24_000,
  }),
  stream_data: json({ description: 'Object that is handed over to the address in the first message.' }),
};

const EVENTS = ['on_start', 'on_end', 'on_error'];

type Arguments = { parameters: CompiledParameters; events: EventRanges };
type Written = ParameterValues<typeof parameters>;

export const stream = defineAction<Arguments, Streaming>({
  type: 'STREAM',
  summary: 'Sends the call’s sound to a WebSocket, and plays what that sends.',
  description:
    'One way, the sound is copied while the flow goes on, through transfers and conferences, until it is stopped or the call ' +
    'is over. With `bidirectional` the caller talks to the address alone, and the flow goes on when that is over; ' +
    '`$streamStatus` is then `completed`, or `failed` when it could not be reached or broke. The list of an event runs beside ' +
    'the flow; in `on_error` `$reason` is why.',
  example: {
    type: 'STREAM',
    params: { url: 'wss://example.com/assistant', bidirectional: true, stream_data: { caller: '$callerNo' } },
  },
  parameters,
  fields: { events: 'Lists of actions: `on_start`, `on_end`, `on_error`.' },
  events: EVENTS,
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    const { action, url } = compiled.fixed;
    const hasUrl = url !== '' || Object.hasOwn(compiled.filled ?? {}, 'url');
    if (action === 'start' && !hasUrl) compiler.warn('start needs params.url');
    const instruction = compiler.emit<Arguments>({ parameters: compiled, events: {} });
    instruction.args = { parameters: compiled, events: compileEvents(entry, compiler, EVENTS) };
    instruction.next = compiler.here();
  },
  behaviour: {
    needsMedia: true,
    start(step, instruction) {
      const written = parametersNow(step, instruction, parameters, instruction.args.parameters);
      if (written.action === 'start') return begin(step, instruction, written);
      const meant = backgroundsOf(step, 'stream', written.name);
      if (meant.length === 0) report(step, 'warning', instruction, 'there is no stream to stop');
      for (const { id } of meant) step.effects.push({ type: 'stop_stream', streamId: id });
      return CONTINUE;
    },
    onInput: onStreamInput,
    abandon(step, _instruction, { streamId }) {
      const going = step.call.background.find(({ kind, id }) => kind === 'stream' && id === streamId);
      if (going === undefined) return;
      removeBackground(step, going);
      emitWhileUp(step, { type: 'stop_stream', streamId });
    },
  },
  onBackground: onStreamInBackground,
});

function begin(step: Step, instruction: InstructionOf<Arguments>, written: Written): Outcome<Streaming> {
  const { call } = step;
  const url = written.url.trim();
  call.streamStatus = 'failed';
  if (!/^wss?:\/\//i.test(url)) {
    reportError(step, instruction, `"${url.slice(0, 200)}" is no ws(s) address; STREAM is passed over`);
    return CONTINUE;
  }
  const streamId = newId(step, 's');
  const events = eventsNow(step, null, instruction.args.events);
  const timerId = written.max_time === null ? null : setTimer(step, written.max_time);
  const name = written.name;
  if (!addBackground(step, instruction, { kind: 'stream', id: streamId, name, timerId, events })) return CONTINUE;
  step.effects.push({
    type: 'start_stream',
    streamId,
    name,
    url,
    tracks: tracksOf(step, instruction, written.tracks),
    bidirectional: written.bidirectional,
    protocol: written.protocol,
    codec: written.codec,
    sampleRateHz: rateOf(step, instruction, written),
    streamData: dataOf(step, instruction, written.stream_data),
  });
  if (!written.bidirectional) return CONTINUE;
  return { kind: 'wait', wait: { streamId, finishKeys: finishKeysOf(written.finish_on_key).keys } };
}

function tracksOf(step: Step, instruction: InstructionOf<Arguments>, written: readonly string[]): StreamTrack[] {
  const tracks = (['far', 'near'] as const).filter((track) => written.includes(track));
  const unknown = written.filter((track) => track !== 'far' && track !== 'near');
  if (unknown.length > 0)
    report(step, 'warning', instruction, `params.tracks: "${unknown[0]?.slice(0, 40)}" is no track`);
  return tracks.length === 0 ? ['far'] : tracks;
}

function rateOf(
  step: Step,
  instruction: InstructionOf<Arguments>,
  { codec, sample_rate }: Written,
): 8000 | 16000 | 24000 {
  if (codec === 'l16' && (sample_rate === 16_000 || sample_rate === 24_000)) return sample_rate;
  if (sample_rate !== 8_000) {
    report(step, 'warning', instruction, `params.sample_rate: ${codec} has no ${sample_rate}; 8000 is used`);
  }
  return 8_000;
}

function dataOf(step: Step, instruction: InstructionOf<Arguments>, data: Written['stream_data']): JsonObject | null {
  if (data === null || isTooLong(step, instruction, 'params.stream_data', measure(step, data))) return null;
  if (isJsonObject(data)) return data;
  report(step, 'warning', instruction, 'params.stream_data is no object; nothing is handed over');
  return null;
}
