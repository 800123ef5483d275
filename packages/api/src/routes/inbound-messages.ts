import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Receipt, toE164 } from '@voxology/telephony';
import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import { ApiError, errors } from '../schema/error.ts';

/** The header by which a message provider shows who it is; the value is a secret. */
export interface ProviderSecret {
  name: string;
  value: string;
}

const MOST_MEDIA = 10;

const Body = Type.Object({
  id: Type.String({
    minLength: 1,
    maxLength: 200,
    description:
      "The provider's id of the message: what comes again under the same one is not taken for a new message.",
  }),
  from: Type.String({ minLength: 1, maxLength: 64, description: 'Who wrote it.', examples: ['+12125550199'] }),
  to: Type.String({ minLength: 1, maxLength: 64, description: 'A number of ours.', examples: ['+14155550100'] }),
  text: Type.String({ maxLength: 100_000 }),
  media_urls: Type.Optional(
    Type.Array(Type.String({ maxLength: 2048, pattern: '^https?://' }), {
      maxItems: MOST_MEDIA,
      description: 'Pictures and the like that belong to it.',
    }),
  ),
});
const Answer = Type.Object({
  message_id: Type.String({ description: 'Of the history and of the callback.' }),
  status: Type.Literal('received'),
});

/**
 * Messages that the provider hands in: the twin of the request by which we hand out ours. Answered when the message is on the
 * disk.
 */
export function inboundMessageRoutes(
  { telephony, defaultCountry }: ApiContext,
  secret: ProviderSecret | null,
): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.addHook('onRequest', async (request) => {
      if (secret === null) {
        throw new ApiError(
          501,
          'This server takes no messages from a provider',
          'Set "messages.inbound_header_value" in the configuration of the server.',
        );
      }
      const given = request.headers[secret.name.toLowerCase()];
      if (typeof given === 'string' && isSame(given, secret.value)) return;
      throw new ApiError(
        401,
        `The ${secret.name} header is not that of the message provider`,
        'Send the value of "messages.inbound_header_value".',
      );
    });
    app.post(
      '/Messages/Inbound',
      {
        schema: {
          summary: 'Hand in a message that came for a number',
          description:
            'For the message provider, which has a secret of its own. The message is taken when this answers, and may be handed in again when it does not: it is known by its `id`.',
          tags: ['Messages'],
          security: [{ message_provider: [] }],
          body: Body,
          response: { 200: Answer, ...errors(400, 401, 404, 501) },
        },
      },
      async ({ body: { id, from, to, text, media_urls: mediaUrls = [] } }) => {
        const no = toE164(to, defaultCountry);
        const receipt = await telephony.inbox.receive({
          from: toE164(from, defaultCountry) ?? from.trim(),
          to: no === null ? [] : [no],
          text,
          mediaUrls,
          origin: 'http',
          externalId: id,
          sipForwardedFor: '',
        });
        if (receipt.kind === 'refused') throw refusal(receipt, to);
        return { message_id: receipt.messageId, status: 'received' as const };
      },
    );
  };
}

function refusal({ why, message }: Extract<Receipt, { kind: 'refused' }>, to: string): ApiError {
  switch (why) {
    case 'unknown-number':
      return new ApiError(404, `${to} is not a number of this server`, 'Check `to`.');
    case 'no-callback':
      return new ApiError(404, message, 'Configure one for the number or its application.');
    case 'too-long':
      return new ApiError(400, message, 'Hand it in in parts, or raise the limit.');
    case 'rate':
      return new ApiError(429, message, 'Try again later, or raise the limit.');
    case 'busy':
    case 'shutting-down':
      return new ApiError(503, message, 'Try again later.');
  }
}

/** In constant time, whatever the lengths. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
