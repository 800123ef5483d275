import { Type } from 'typebox';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(type: T, description: string) =>
  Type.Union([type, Type.Null()], { description });

/** A recording, as the REST API and webhooks show it. */
export const Recording = Type.Object({
  id: Type.String(),
  name: Nullable(Type.String(), 'As the flow named it.'),
  call_id: Type.String(),
  status: Type.Union([Type.Literal('recording'), Type.Literal('ready'), Type.Literal('failed')]),
  format: Type.Union([Type.Literal('wav'), Type.Literal('mp3')]),
  channels: Type.Integer({ description: '2: the remote party left, what it heard right.' }),
  start_time: Type.String({ format: 'date-time' }),
  duration: Nullable(Type.Integer(), 'Milliseconds; `null` until it is ready, as the next three.'),
  bytes: Nullable(Type.Integer(), 'Of the file.'),
  sha256: Nullable(Type.String(), 'Of the file, hexadecimal.'),
  audio: Nullable(Type.String(), 'Path of the sound in this API.'),
  transcript: Nullable(
    Type.String(),
    'Path in this API of what was said in it, which may still be in progress; `null` when it is not written down.',
  ),
  error: Nullable(Type.String(), 'Why it failed, or broke off before its end.'),
});
