import { addBackground, backgroundsOf, removeBackground } from '../../interpreter/background.ts';
import { parametersNow } from '../../interpreter/evaluation.ts';
import { emitWhileUp, newId, report, reportError, type Step, setTimer } from '../../interpreter/step.ts';
import { forgetVariables, isTooLong, measure } from '../../interpreter/variables.ts';
import type { JsonObject, StreamTrack } from '../../io.ts';
import { addressFault, addressOrBlank, checkAddresses, WEBSOCKET_ADDRESS } from '../../parameters/address.ts';
import { boolean } from '../../parameters/boolean.ts';
import { choice } from '../../parameters/choice.ts';
import { type CompiledParameters, compileParameters, type Warn } from '../../parameters/compile.ts';
import { integer } from '../../parameters/integer.ts';
import { jsonObject } from '../../parameters/json.ts';
import type { ParameterValues } from '../../parameters/parameter.ts';
import { text, textList } from '../../parameters/text.ts';
import { CONTINUE, defineAction, type InstructionOf, type Outcome } from '../action.ts';
import { checkFinishKeys, FINISH_KEYS, finishKeysNow } from '../collect/finish-keys.ts';
import { compileEvents, type EventRanges, eventsNow } from '../events/events.ts';
import { checkTracks, formOfTracks, readTracks } from '../tracks.ts';
import { onStreamInBackground, onStreamInput, type Streaming } from './streaming.ts';

const TRACKS: readonly StreamTrack[] = ['far', 'near'];
const SAMPLE_RATES = [8_000, 16_000, 24_000];

const parameters = {
  action: choice({
    description: 'Begin a stream, or stop those of this `name`, or all.',
    options: ['start', 'stop'],
    default: 'start',
  }),
  url: text({
    description: 'ws(s) address that gets the sound; needed to start.',
    default: '',
    form: addressOrBlank(WEBSOCKET_ADDRESS),
  }),
  name: text({ description: 'By which it is stopped; handed over to the address.', default: null }),
  tracks: textList({
    description: '`far` (what the remote party says), `near` (what it hears); `far` when not given.',
    form: formOfTracks(TRACKS),
  }),
  bidirectional: boolean({
    description:
      'What the address sends is played to the caller, and the flow waits until the address closes, a key of ' +
      '`finish_on_key` is pressed, or `max_time` is over.',
    default: false,
  }),
  finish_on_key: textList({
    description: 'Key that ends a bidirectional stream: `pound`, `star`, a digit.',
    form: FINISH_KEYS,
  }),
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
    values: SAMPLE_RATES,
  }),
  stream_data: jsonObject({ description: 'Object that is handed over to the address in the first message.' }),
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
    'the flow, but for `on_end` and `on_error` of a stream that the flow waits for: they run before it goes on. In `on_error` ' +
    '`$reason` is why.',
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
    checkAddresses(compiled, 'url', WEBSOCKET_ADDRESS, compiler.warn);
    checkTracks(compiled, TRACKS, compiler.warn);
    checkFinishKeys(compiled, compiler.warn);
    checkOneWay(compiled, compiler.warn);
    checkRate(compiled, compiler.warn);
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
    onInput: (step, { args }, streaming, input) => onStreamInput(step, args.events, streaming, input),
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
  forgetVariables(step, ['streamStatus']);
  const fault = addressFault(url, WEBSOCKET_ADDRESS);
  if (fault !== null) {
    reportError(step, instruction, `${fault}; STREAM is passed over`);
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
  return { kind: 'wait', wait: { streamId, finishKeys: finishKeysNow(step, instruction, written.finish_on_key) } };
}

/** A stream that the flow does not wait for is ended by no key. */
function checkOneWay({ fixed, filled }: CompiledParameters, warn: Warn): void {
  const isWritten = Array.isArray(fixed.finish_on_key) && fixed.finish_on_key.length > 0;
  const isOneWay = fixed.bidirectional === false && !Object.hasOwn(filled ?? {}, 'bidirectional');
  if (isWritten && isOneWay) warn('params.finish_on_key is of no use without bidirectional; STREAM with stop ends it');
}

function tracksOf(step: Step, instruction: InstructionOf<Arguments>, written: readonly string[]): StreamTrack[] {
  const { tracks, fault } = readTracks(written, TRACKS);
  if (fault !== null) report(step, 'warning', instruction, fault);
  return tracks.length === 0 ? ['far'] : tracks;
}

function rateOf(
  step: Step,
  instruction: InstructionOf<Arguments>,
  { codec, sample_rate }: Written,
): 8000 | 16000 | 24000 {
  if (codec === 'l16' && (sample_rate === 16_000 || sample_rate === 24_000)) return sample_rate;
  if (sample_rate !== 8_000) report(step, 'warning', instruction, noRate(codec, sample_rate));
  return 8_000;
}

function checkRate({ fixed: { codec, sample_rate }, filled }: CompiledParameters, warn: Warn): void {
  if (codec === 'mulaw' && !Object.hasOwn(filled ?? {}, 'codec') && sample_rate !== 8_000)
    warn(noRate(codec, Number(sample_rate)));
}

function noRate(codec: string, sampleRateHz: number): string {
  return `params.sample_rate: ${codec} has no ${sampleRateHz}; 8000 is used`;
}

function dataOf(step: Step, instruction: InstructionOf<Arguments>, data: Written['stream_data']): JsonObject | null {
  return data === null || isTooLong(step, instruction, 'params.stream_data', measure(step, data)) ? null : data;
}
