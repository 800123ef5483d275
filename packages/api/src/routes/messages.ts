import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { MessageNotSent, type MessageRequest } from '@voxology/telephony';
import { type Static, Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import { ApiError, errors } from '../schema/error.ts';

const MOST_CHARACTERS = 5000;
const MOST_MEDIA = 10;
const MOST_RECIPIENTS = 100;

const Recipient = Type.Union([Type.String({ minLength: 1, maxLength: 256 }), Type.Integer()], {
  description: 'Who gets it: an E.164 number, a SIP user, or the `sip:` URI of one.',
  examples: ['+12125550199'],
});
const Sender = Type.Union([Type.String({ minLength: 1, maxLength: 64 }), Type.Integer()], {
  description: 'A number of yours.',
  examples: ['+14155550100'],
});
const Text = Type.String({ minLength: 1, maxLength: MOST_CHARACTERS });

const OPT_OUT = '`opt-out`: the recipient has asked for no more messages, and got nothing.';

const SmsBody = Type.Object({ call: Type.Object({ no: Recipient, caller_id_no: Sender }), message: Text });
const SmsAnswer = Type.Object({
  call: Type.Object({ no: Type.String(), caller_id_no: Type.String() }),
  status: Type.Union([Type.Literal('sent'), Type.Literal('opt-out')], { description: OPT_OUT }),
});

const MessageBody = Type.Object({
  api_no: Sender,
  caller_no: Type.Union([Recipient, Type.Array(Recipient, { minItems: 1, maxItems: MOST_RECIPIENTS })], {
    description: `Who gets it, one or up to ${MOST_RECIPIENTS}.`,
  }),
  text_message: Text,
  media_urls: Type.Optional(
    Type.Array(Type.String({ maxLength: 2048, pattern: '^https?://' }), {
      maxItems: MOST_MEDIA,
      description: 'Pictures and the like that belong to it.',
    }),
  ),
});
const Sent = Type.Object({
  caller_no: Type.String(),
  status: Type.Union([Type.Literal('sent'), Type.Literal('opt-out'), Type.Literal('failed')], { description: OPT_OUT }),
  error: Type.Union([Type.String(), Type.Null()], { description: 'Why it was not sent.' }),
});
const MessageAnswer = Type.Object({ api_no: Type.String(), messages: Type.Array(Sent) });

/** Send SMS, and messages to several (voxology-api.md §1.2.2, §1.2.3). */
export function messageRoutes({ telephony }: ApiContext): FastifyPluginAsyncTypebox {
  const send = async (request: MessageRequest, names: Names): Promise<Outcome> => {
    try {
      return { ...(await telephony.messages.send(request)), status: 'sent', error: null };
    } catch (error) {
      if (!(error instanceof MessageNotSent)) throw error;
      const { kind, message } = error;
      if (kind === 'opt-out') return { from: request.from, to: request.to, status: kind, error: message };
      throw refusal(kind, message, names);
    }
  };
  return async (app) => {
    app.post(
      '/Dials/SMS',
      {
        schema: {
          summary: 'Send SMS',
          description: 'Sends a text message; answers when it was taken by whoever carries it.',
          tags: ['Messages'],
          body: SmsBody,
          response: { 200: SmsAnswer, ...errors(400, 401, 501, 502) },
        },
      },
      async ({ appId, body: { call, message } }) => {
        const [from, to] = [String(call.caller_id_no), String(call.no)];
        const names = { sender: 'call.caller_id_no', recipient: 'call.no' };
        const used = await send({ appId, from, to, text: message, mediaUrls: [] }, names);
        return { call: { no: used.to, caller_id_no: used.from }, status: used.status };
      },
    );

    app.post(
      '/Messages',
      {
        schema: {
          summary: 'Send messages',
          description:
            'Sends a text to one or several. With a list each succeeds or fails on its own, and `messages` tells how; with one alone, what fails is an error.',
          tags: ['Messages'],
          body: MessageBody,
          response: { 200: MessageAnswer, ...errors(400, 401, 501, 502) },
        },
      },
      async ({ appId, body }) => {
        const { caller_no: to, text_message: text, media_urls: mediaUrls = [] } = body;
        const names = { sender: 'api_no', recipient: 'caller_no' };
        const from = String(body.api_no);
        const one = (no: string | number) => send({ appId, from, to: String(no), text, mediaUrls }, names);
        if (!Array.isArray(to)) {
          const used = await one(to);
          return { api_no: used.from, messages: [present(used)] };
        }
        return { api_no: from, messages: await Promise.all(to.map((no) => outcome(String(no), one(no)))) };
      },
    );
  };
}

interface Names {
  sender: string;
  recipient: string;
}

/** The numbers as they were used, and what became of the message. */
interface Outcome {
  from: string;
  to: string;
  status: 'sent' | 'opt-out';
  error: string | null;
}

function present({ to, status, error }: Outcome): Static<typeof Sent> {
  return { caller_no: to, status, error };
}

async function outcome(no: string, sending: Promise<Outcome>): Promise<Static<typeof Sent>> {
  try {
    return present(await sending);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { caller_no: no, status: 'failed', error: error.message };
  }
}

function refusal(
  kind: Exclude<MessageNotSent['kind'], 'opt-out'>,
  message: string,
  { sender, recipient }: Names,
): ApiError {
  switch (kind) {
    case 'sender':
      return new ApiError(400, message, `Check \`${sender}\`.`);
    case 'recipient':
      return new ApiError(400, message, `Check \`${recipient}\`.`);
    case 'rate':
      return new ApiError(429, message, 'Try again later, or raise the limit.');
    case 'no-provider':
      return new ApiError(501, message, 'Set "messages" in the configuration of the server.');
    case 'not-taken':
      return new ApiError(502, message, 'Try again later.');
  }
}
