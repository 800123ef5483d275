import { Type } from 'typebox';
import { Nullable } from './nullable.ts';

/** Something that was said. */
export const pieceProperties = {
  track: Type.String({
    description:
      'Of calls `caller` and `transfer`; of recordings with two channels `caller` and `heard` (what the caller heard), else `recording`.',
  }),
  sequence: Type.Integer({ description: 'From 1 in the order of writing.' }),
  start_time: Type.String({ format: 'date-time' }),
  end_time: Type.String({ format: 'date-time' }),
  offset: Type.Integer({
    description: 'Milliseconds to `start_time` from the beginning of the transcript, or of the recording’s sound.',
  }),
  transcript: Type.String({ description: 'What was said: lower case, without punctuation.' }),
  confidence: Nullable(Type.Number(), '0 to 1; `null` when the recogniser tells none.'),
};

export const transcriptProperties = {
  transcript_id: Type.String(),
  call_id: Type.String(),
  recording_id: Nullable(Type.String(), 'Of which recording; `null`: of the call (TRANSCRIBE).'),
  status: Type.Union([Type.Literal('in_progress'), Type.Literal('ready'), Type.Literal('failed')]),
  start_time: Type.String({ format: 'date-time' }),
  error: Nullable(Type.String(), 'Why it failed, or what is missing in it.'),
  transcripts: Type.Array(Type.Object(pieceProperties), { description: 'In the order in which it was said.' }),
};

/** What was said in a call or a recording, as the REST API shows it. */
export const Transcript = Type.Object(transcriptProperties);
