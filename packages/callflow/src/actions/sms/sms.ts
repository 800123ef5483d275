import { addBackground, backgroundOf, removeBackground } from '../../interpreter/background.ts';
import { parametersNow } from '../../interpreter/evaluation.ts';
import { newId, report, reportError, type Spot, type Step } from '../../interpreter/step.ts';
import { addressFault, addressOrBlank, checkAddresses, HTTP_ADDRESS } from '../../parameters/address.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { text, textList } from '../../parameters/text.ts';
import { CONTINUE, defineAction } from '../action.ts';

const MOST_MEDIA = 10;

const parameters = {
  no: text({
    description: 'Who gets it: a number or a SIP user; the remote party, who called or wrote, when not given.',
    default: null,
  }),
  caller_id_no: text({
    description: 'Number it comes from; the number that was called or written to when not given.',
    default: null,
  }),
  message: text({ description: 'The text. `text_message` means the same.', default: null }),
  text_message: text({ description: 'As `message`.', default: null }),
  media_urls: textList({
    description: 'http(s) addresses of pictures and the like, ten at most.',
    form: addressOrBlank(HTTP_ADDRESS),
  }),
};

type Arguments = { parameters: CompiledParameters };

/** Those that are addresses, up to the most; the others are told of. */
function mediaUrlsOf(step: Step, spot: Spot, written: readonly string[]): string[] {
  const urls = written.map((url) => url.trim()).filter((url) => url !== '');
  const good = urls.filter((url) => addressFault(url, HTTP_ADDRESS) === null);
  const bad = urls.find((url) => !good.includes(url));
  if (bad !== undefined)
    report(step, 'warning', spot, `params.media_urls: ${addressFault(bad, HTTP_ADDRESS)}; it is left out`);
  if (good.length > MOST_MEDIA)
    report(step, 'warning', spot, `there are ${good.length} media_urls; ${MOST_MEDIA} are sent`);
  return good.slice(0, MOST_MEDIA);
}

export const sms = defineAction<Arguments, null>({
  type: 'SMS',
  summary: 'Sends a text message.',
  description:
    'Hands the message over and goes on at once; the call is not answered for it. A SIP user gets it on the phone (SIP ' +
    'MESSAGE), another number of this server in its own flow, any other through the message provider of the server (setting ' +
    '`messages`). Who has [opted out](callbacks.md#keywords) gets nothing. Whether it could be sent is told in the log.',
  example: { type: 'SMS', params: { no: '$callerNo', message: 'Thank you for calling.' } },
  parameters,
  fields: {},
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    const { fixed, filled } = compiled;
    const isWritten = (name: string): boolean => Object.hasOwn(filled ?? {}, name) || (fixed[name] ?? null) !== null;
    checkAddresses(compiled, 'media_urls', HTTP_ADDRESS, compiler.warn);
    if (!isWritten('message') && !isWritten('text_message')) compiler.warn('there is no params.message to send');
    compiler.emit<Arguments>({ parameters: compiled });
  },
  forMessages: true,
  behaviour: {
    needsMedia: false,
    start(step, instruction) {
      const written = parametersNow(step, instruction, parameters, instruction.args.parameters);
      const { call } = step;
      const message = written.message ?? written.text_message ?? '';
      const mediaUrls = mediaUrlsOf(step, instruction, written.media_urls);
      if (message.trim() === '' && mediaUrls.length === 0) {
        reportError(step, instruction, 'the message is empty; nothing is sent');
        return CONTINUE;
      }
      const messageId = newId(step, 'm');
      const background = { kind: 'message', id: messageId, name: null, timerId: null, events: {} } as const;
      if (!addBackground(step, instruction, background)) return CONTINUE;
      const no = written.no?.trim() || call.info.callerNo;
      const callerIdNo = written.caller_id_no?.trim() || call.info.apiNo;
      const body = message.slice(0, call.settings.maxSayCharacters);
      step.effects.push({
        type: 'send_message',
        messageId,
        no,
        callerIdNo,
        text: body,
        mediaUrls,
      });
      report(step, 'progress', instruction, `message to ${no}: ${body.slice(0, 200)}`, { no });
      return CONTINUE;
    },
  },
  onBackground(step, input) {
    if (input.type !== 'message_sent') return false;
    const sent = backgroundOf(step, 'message', input.messageId);
    if (sent === undefined) return true;
    removeBackground(step, sent);
    if (input.error === null) report(step, 'progress', sent.spot, 'the message is sent');
    else reportError(step, sent.spot, `the message could not be sent: ${input.error}`, { reason: input.error });
    return true;
  },
});
