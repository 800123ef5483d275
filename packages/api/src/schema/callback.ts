import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { Type } from 'typebox';
import { Recording } from './recording.ts';
import { pieceProperties, transcriptProperties } from './transcript.ts';

const Place = (whose: string) => ({
  [`${whose}_city`]: Type.String({ description: 'Empty when unknown, as the next three.' }),
  [`${whose}_region`]: Type.String(),
  [`${whose}_country`]: Type.String({ examples: ['US'] }),
  [`${whose}_timezone`]: Type.String({ examples: ['America/Los_Angeles'] }),
});

/** Body of a callback (voxology-api.md §3.2), for the reference; `docs/callbacks.md` tells more. */
const CallbackBody = Type.Object(
  {
    type: Type.Union([Type.Literal('init_call'), Type.Literal('live_call'), Type.Literal('end_call')]),
    app_id: Type.String({ format: 'uuid' }),
    subaccount_id: Type.String({ examples: ['0'] }),
    call_id: Type.String(),
    start_time: Type.String({ format: 'date-time' }),
    end_time: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
    direction: Type.Union([Type.Literal('inbound'), Type.Literal('outbound')]),
    duration: Type.Integer({ description: 'Milliseconds since the start.' }),
    status: Type.String({
      description: '`live-ringing`, `live-in-progress`, `completed`, `busy`, `no-answer`, `failed` or `canceled`.',
    }),
    detection: Type.String({ examples: ['unknown'] }),
    caller_no: Type.String({ description: 'The remote party, in both directions.', examples: ['+12125550101'] }),
    ...Place('caller_no'),
    api_no: Type.String({ description: 'Your number.', examples: ['+14155550100'] }),
    ...Place('api_no'),
    key_presses: Type.Array(
      Type.Object({
        name: Type.Union([Type.String(), Type.Null()]),
        digits: Type.String({ examples: ['1'] }),
        speech: Type.Optional(
          Type.String({ description: 'Where speech was asked for: what was said; empty when nothing was understood.' }),
        ),
      }),
      { description: 'One entry for each COLLECT since the last callback.' },
    ),
    recordings: Type.Array(Type.Object({ name: Type.Union([Type.String(), Type.Null()]), id: Type.String() }), {
      description: 'Since the last callback.',
    }),
    custom_data: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
    session_data: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
    sip_domain: Type.String(),
    sip_forwarded_for: Type.String({ description: 'Address of the SIP peer.' }),
  },
  { title: 'Callback' },
);

const MessagePlace = (whose: string) => ({
  ...Place(whose),
  ...Object.fromEntries(
    ['postal_code', 'latitude', 'longitude', 'lata', 'rate_center'].map((what) => [`${whose}_${what}`, Type.String()]),
  ),
});

/** Body of the callback of a text message (voxology-api.md §3.5). */
const MessageCallbackBody = Type.Object(
  {
    service: Type.Literal('programmable_messaging'),
    type: Type.Union([Type.Literal('sms'), Type.Literal('mms')], { description: '`mms` has media.' }),
    app_id: Type.String({ format: 'uuid' }),
    subaccount_id: Type.Integer({ examples: [0] }),
    api_no: Type.String({ description: 'Your number.', examples: ['+14155550100'] }),
    ...MessagePlace('api_no'),
    caller_no: Type.String({ description: 'Who wrote it.', examples: ['+12125550101'] }),
    ...MessagePlace('caller_no'),
    text_message: Type.String(),
    media: Type.Array(Type.Object({ url: Type.String(), content_type: Type.String() })),
    keyword_detected: Type.Union([Type.String(), Type.Null()], { examples: ['STOP'] }),
    keyword_type: Type.Union([Type.Literal('Opt-In'), Type.Literal('Opt-Out'), Type.Literal('Help'), Type.Null()]),
    message_id: Type.String(),
    start_time: Type.String({ format: 'date-time' }),
    custom_data: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
    session_data: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
    sip_domain: Type.String(),
  },
  { title: 'Message callback' },
);

const Answer = Type.Object(
  { actions: Type.Array(Type.Record(Type.String(), Type.Unknown())) },
  { title: 'Call flow', description: 'The actions to run; ignored for `end_call`.' },
);

/** What webhooks say of the call. */
const OfCall = {
  app_id: Type.String({ format: 'uuid' }),
  subaccount_id: Type.String({ examples: ['0'] }),
  call_id: Type.String(),
  direction: Type.Union([Type.Literal('inbound'), Type.Literal('outbound')]),
  caller_no: Type.String({ description: 'The remote party, in both directions.', examples: ['+12125550101'] }),
  api_no: Type.String({ description: 'Your number.', examples: ['+14155550100'] }),
};

const RecordingWebhook = Type.Object(
  {
    type: Type.Union([Type.Literal('recording_ready'), Type.Literal('recording_failed')]),
    ...OfCall,
    recording: Recording,
  },
  { title: 'Recording webhook' },
);

const LiveTranscript = Type.Object(
  {
    type: Type.Literal('live_transcript'),
    ...OfCall,
    transcript_id: Type.String(),
    ...pieceProperties,
    is_final: Type.Literal(true),
  },
  { title: 'Piece of a transcript' },
);

const WholeTranscript = Type.Object(
  {
    type: Type.Union([Type.Literal('end_transcript'), Type.Literal('recording_transcript')]),
    ...OfCall,
    ...transcriptProperties,
  },
  { title: 'Transcript' },
);

type OpenApi = Extract<NonNullable<FastifyDynamicSwaggerOptions['openapi']>, { webhooks?: unknown }>;
type Webhooks = NonNullable<OpenApi['webhooks']>;

/** What we ask of the user's server, for the OpenAPI document. */
export const WEBHOOKS: Webhooks = {
  message: {
    post: {
      summary: 'Message callback',
      description:
        'Asked of the configured URL of a number when a text message came for it. No answer is expected: `{}` or nothing will do; the actions of one that has some are run, but those that need a call.',
      tags: ['Call flows'],
      requestBody: { content: { 'application/json': { schema: MessageCallbackBody as object } } },
      responses: { 200: { description: 'What to do.', content: { 'application/json': { schema: Answer as object } } } },
    },
  },
  callback: {
    post: {
      summary: 'Callback',
      description:
        'Asked of the configured URL of a number when a call begins (`init_call`), whenever its actions are used up (`live_call`), and told when it is over (`end_call`).',
      tags: ['Call flows'],
      requestBody: { content: { 'application/json': { schema: CallbackBody as object } } },
      responses: { 200: { description: 'What to do.', content: { 'application/json': { schema: Answer as object } } } },
    },
  },
  recording: {
    post: {
      summary: 'Recording webhook',
      description:
        'Told to the `recording_webhook` of a RECORD, TRANSFER or CONFERENCE when the recording is ready, or has failed; again until it is taken.',
      tags: ['Recordings'],
      requestBody: { content: { 'application/json': { schema: RecordingWebhook as object } } },
      responses: { '2XX': { description: 'Taken. The body is ignored.' } },
    },
  },
  live_transcript: {
    post: {
      summary: 'Piece of a transcript',
      description:
        'Told to the `live_transcript_webhook` of TRANSCRIBE as it is said, in order; not again when it is not taken.',
      tags: ['Transcripts'],
      requestBody: { content: { 'application/json': { schema: LiveTranscript as object } } },
      responses: { '2XX': { description: 'Taken. The body is ignored.' } },
    },
  },
  transcript: {
    post: {
      summary: 'Transcript',
      description:
        'The whole, told to the `end_transcript_webhook` of TRANSCRIBE (`end_transcript`), or to the `recording_webhook` of a recording with `transcribe` (`recording_transcript`); again until it is taken.',
      tags: ['Transcripts'],
      requestBody: { content: { 'application/json': { schema: WholeTranscript as object } } },
      responses: { '2XX': { description: 'Taken. The body is ignored.' } },
    },
  },
};
