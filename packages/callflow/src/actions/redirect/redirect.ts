import { parametersNow } from '../../interpreter/evaluation.ts';
import { report, reportError } from '../../interpreter/step.ts';
import { addressOrBlank, checkAddresses, HTTP_ADDRESS } from '../../parameters/address.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { text } from '../../parameters/text.ts';
import { anyCase } from '../../parameters/text-form.ts';
import { CONTINUE, defineAction } from '../action.ts';

const parameters = {
  url: text({
    description: 'Absolute http(s) address to ask.',
    default: '',
    required: true,
    form: addressOrBlank(HTTP_ADDRESS),
  }),
  method: text({
    description: '`GET` or `POST`; the configured method when not given.',
    default: null,
    form: `^\\s*(?:${anyCase('get')}|${anyCase('post')})\\s*$`,
  }),
  content_type: text({ description: 'Content type of a POST; the configured one when not given.', default: null }),
};

type Arguments = { parameters: CompiledParameters };

export const redirect = defineAction<Arguments, null>({
  type: 'REDIRECT',
  summary: 'Asks another address for the next actions.',
  description:
    'Leaves the rest of the list out and asks `url` at once, with the usual callback body. The configured address stays ' +
    'the one that is asked when a later list is used up. An address that is none is reported and the list goes on.',
  example: { type: 'REDIRECT', params: { url: 'https://example.com/next', method: 'POST' } },
  parameters,
  fields: {},
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    checkAddresses(compiled, 'url', HTTP_ADDRESS, compiler.warn);
    const { method } = compiled.fixed;
    if (typeof method === 'string' && !/^\s*(?:GET|POST)\s*$/i.test(method))
      compiler.warn(`params.method is "${method.slice(0, 40)}"; GET or POST is expected, the configured one is used`);
    compiler.emit({ parameters: compiled });
  },
  forMessages: true,
  behaviour: {
    needsMedia: false,
    start(step, instruction) {
      const written = parametersNow(step, instruction, parameters, instruction.args.parameters);
      const url = written.url.trim();
      if (!HTTP_ADDRESS.pattern.test(url)) {
        reportError(step, instruction, `"${url.slice(0, 200)}" is no absolute http(s) address`, {
          url: url.slice(0, 200),
        });
        return CONTINUE;
      }
      const configured = step.call.settings.callback;
      const contentType = written.content_type ?? configured.contentType;
      let method = configured.method;
      const upper = written.method?.trim().toUpperCase() ?? method;
      if (upper === 'GET' || upper === 'POST') method = upper;
      else report(step, 'warning', instruction, `the method is neither GET nor POST; ${method} is used`);
      return { kind: 'redirect', target: { url, method, contentType } };
    },
  },
});
