import { parametersNow } from '../../interpreter/evaluation.ts';
import { rangTooLong, ringTimeLeft } from '../../interpreter/ringing.ts';
import { newId, report, reportError, type Step } from '../../interpreter/step.ts';
import { forgetVariables, isTooLong, measure, setVariable } from '../../interpreter/variables.ts';
import type { Json, JsonObject } from '../../io.ts';
import { isDeeperThan } from '../../json-value.ts';
import { addressFault, addressOrBlank, checkAddresses, HTTP_ADDRESS } from '../../parameters/address.ts';
import { boolean } from '../../parameters/boolean.ts';
import { choice } from '../../parameters/choice.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { integer } from '../../parameters/integer.ts';
import { json, jsonObject } from '../../parameters/json.ts';
import { text } from '../../parameters/text.ts';
import { typedReference } from '../../template/template.ts';
import { type ActionInput, CONTINUE, defineAction, type InstructionOf, type Outcome } from '../action.ts';

/** As {@link nameIn} reads it. */
const VARIABLE = '^\\s*NAME(?:\\.NAME|\\[[0-9]+\\])*\\s*$'.replaceAll(
  'NAME',
  '[A-Za-z_\\u0080-\\uffff][\\w\\u0080-\\uffff]*',
);

const parameters = {
  url: text({ description: 'http(s) address.', default: '', required: true, form: addressOrBlank(HTTP_ADDRESS) }),
  method: choice({
    description: 'Of the request.',
    options: ['get', 'post', 'put', 'patch', 'delete'],
    default: 'post',
    letterCase: 'any',
  }),
  headers: jsonObject({ description: 'Object of texts by name.' }),
  body: json({ description: 'A text is sent as it is, anything else as JSON; none with `get`.' }),
  wait: boolean({
    description: 'The flow waits for the answer; else it goes on at once and never sees it.',
    default: false,
  }),
  result: text({
    description:
      'Name of the variable that gets the answer, without `$`: read as JSON where it is some, else the text. Then the flow waits.',
    default: null,
    form: VARIABLE,
    isLiteral: true,
  }),
  timeout: integer({
    description: 'Milliseconds to wait for the answer.',
    default: 10_000,
    minimum: 100,
    maximum: 60_000,
  }),
};

const MOST_HEADERS = 50;

/** So that a loop around a server that cannot be had ends. */
const STEPS_OF_A_FAILURE = 200;

type Arguments = { parameters: CompiledParameters };
type Asking = { httpId: string; result: string[] | null };

export const http = defineAction<Arguments, Asking>({
  type: 'HTTP',
  summary: 'Sends a request to a web server.',
  description:
    'Tells another system something, or asks it. Unlike REDIRECT, the answer is no list of actions: with `wait` or `result` the flow waits ' +
    'for it, `$httpStatus` is then its status, 0 when there was none. The caller hears silence meanwhile, and the call is not ' +
    'answered for it.',
  example: {
    type: 'HTTP',
    params: { url: 'https://example.com/orders/${keyPresses}', method: 'GET', result: 'order' },
  },
  parameters,
  fields: {},
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    checkAddresses(compiled, 'url', HTTP_ADDRESS, compiler.warn);
    const result = compiled.filled?.result ?? compiled.fixed.result;
    if (typeof result === 'string' && nameIn(result) === null) {
      compiler.warn(`params.result: "${result.slice(0, 60)}" is no name of a variable; write it without "$"`);
    }
    compiler.emit<Arguments>({ parameters: compiled });
  },
  forMessages: true,
  behaviour: {
    needsMedia: false,
    start: startHttp,
    onInput: onHttpInput,
  },
});

function startHttp(step: Step, instruction: InstructionOf<Arguments>): Outcome<Asking> {
  const written = parametersNow(step, instruction, parameters, instruction.args.parameters);
  step.call.httpStatus = 0;
  forgetVariables(step, ['httpStatus']);
  const url = written.url.trim();
  const fault = addressFault(url, HTTP_ADDRESS);
  if (fault !== null) {
    reportError(step, instruction, `${fault}; HTTP is passed over`);
    return CONTINUE;
  }
  if (isTooLong(step, instruction, 'params.body', measure(step, written.body))) return CONTINUE;
  const method = written.method.toUpperCase() as 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  const hasBody = method !== 'GET' && written.body !== null;
  const isText = typeof written.body === 'string';
  const headers = headersOf(step, instruction, written.headers ?? {});
  if (hasBody && !isText) headers['content-type'] ??= 'application/json';
  const result = written.result === null ? null : nameIn(written.result);
  const wantsAnswer = written.wait || result !== null;
  if (wantsAnswer && ringTimeLeft(step) <= 0) return rangTooLong(step, 'HTTP');
  const httpId = newId(step, 'h');
  const body = hasBody ? (isText ? String(written.body) : JSON.stringify(written.body)) : null;
  step.effects.push({
    type: 'http_request',
    httpId,
    method,
    url,
    headers,
    body,
    timeoutMs: written.timeout,
    wantsAnswer,
  });
  report(step, 'progress', instruction, `${method} ${url.slice(0, 200)}`, { method, url });
  return wantsAnswer ? { kind: 'wait', wait: { httpId, result } } : CONTINUE;
}

function onHttpInput(
  step: Step,
  instruction: InstructionOf<Arguments>,
  { httpId, result }: Asking,
  input: ActionInput,
): Outcome<Asking> | null {
  if (input.type === 'http_failed' && input.httpId === httpId) {
    step.call.stepsWithoutWait += STEPS_OF_A_FAILURE;
    reportError(step, instruction, `the request failed: ${input.reason}`, { reason: input.reason });
    if (result !== null) setVariable(step, instruction, result, null);
    return CONTINUE;
  }
  if (input.type !== 'http_answered' || input.httpId !== httpId) return null;
  step.call.httpStatus = input.httpStatus;
  report(step, 'progress', instruction, `answered with status ${input.httpStatus}`, { status: input.httpStatus });
  if (result !== null) setVariable(step, instruction, result, readBody(step, input.bodyText));
  return CONTINUE;
}

/** The path of a variable, written without the `$`. */
function nameIn(written: string): string[] | null {
  return typedReference(`$${written.trim()}`);
}

function headersOf(step: Step, instruction: InstructionOf<Arguments>, written: JsonObject): { [name: string]: string } {
  const headers: [string, string][] = [];
  const entries = Object.entries(written);
  if (entries.length > MOST_HEADERS)
    report(step, 'warning', instruction, `there are ${entries.length} headers; ${MOST_HEADERS} are sent`);
  for (const [name, value] of entries.slice(0, MOST_HEADERS)) {
    const content = typeof value === 'string' || typeof value === 'number' ? String(value) : null;
    // RFC 9110 §5.5: no control characters, so that no value becomes a header of its own.
    const isGood = /^[\w!#$%&'*+.^`|~-]{1,100}$/.test(name) && content !== null && !/[^\t\P{Cc}]/u.test(content);
    if (isGood) headers.push([name.toLowerCase(), content]);
    else report(step, 'warning', instruction, `params.headers: "${name.slice(0, 60)}" is left out`);
  }
  return Object.fromEntries(headers);
}

function readBody(step: Step, bodyText: string): Json {
  try {
    const value = JSON.parse(bodyText) as Json;
    return isDeeperThan(value, step.limits.maxDocumentDepth) ? bodyText : value;
  } catch {
    return bodyText;
  }
}
