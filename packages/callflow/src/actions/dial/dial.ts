import { fillMembers, fillValue, parametersNow } from '../../interpreter/evaluation.ts';
import { takeLegs } from '../../interpreter/legs.ts';
import { report, reportError, type Step } from '../../interpreter/step.ts';
import { isTooLong, measure } from '../../interpreter/variables.ts';
import type { Json, JsonObject } from '../../io.ts';
import { isJsonObject, kindOf } from '../../json-value.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { integer } from '../../parameters/integer.ts';
import { text } from '../../parameters/text.ts';
import { CONTINUE, defineAction, type InstructionOf } from '../action.ts';

const MS_PER_SECOND = 1_000;

const parameters = {
  no: text({
    description: 'Who is called: a number as `+12125550100`, a SIP user, a `sip:` URI.',
    default: '',
    required: true,
  }),
  caller_id_no: text({
    description: 'Number that calls, and whose call flow the new call runs; the number of this call when not given.',
    default: null,
  }),
  timeout: integer({
    description: 'Seconds it may ring; as for Make Call when not given.',
    default: null,
    minimum: 1,
    maximum: 600,
  }),
  max_call_time: integer({
    description: 'Longest time of the new call from its answer, milliseconds; the configured one when not given.',
    default: null,
    minimum: 1_000,
    maximum: 86_400_000,
  }),
};

type Arguments = { parameters: CompiledParameters; sessionData: Json };

export const dial = defineAction<Arguments, null>({
  type: 'DIAL',
  summary: 'Starts another call.',
  description:
    'Starts an independent outbound call and goes on at once, without waiting for it: the same as Make Call from inside a ' +
    'flow. The new call runs the call flow of the number that calls. `session_data` is handed over by value; later changes ' +
    'on either side stay there. The call that dials is not answered for it.',
  example: {
    type: 'DIAL',
    params: { no: '+12125550100', caller_id_no: '+12125550123', timeout: 30 },
    session_data: '$sessionData',
  },
  parameters,
  fields: {
    session_data: 'Session data of the new call: an object, or a text such as `$sessionData` that refers to one.',
  },
  shapes: { session_data: { type: ['object', 'string', 'null'] } },
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    const sessionData = Object.hasOwn(entry, 'session_data') ? (entry.session_data ?? null) : null;
    compiler.emit<Arguments>({ parameters: compiled, sessionData });
  },
  forMessages: true,
  behaviour: {
    needsMedia: false,
    start(step, instruction) {
      const written = parametersNow(step, instruction, parameters, instruction.args.parameters);
      const no = written.no.trim();
      if (no === '') {
        reportError(step, instruction, 'there is no number to call');
        return CONTINUE;
      }
      if (takeLegs(step, instruction, [no]).length === 0) return CONTINUE;
      const callerIdNo = written.caller_id_no?.trim() || step.call.info.apiNo;
      step.effects.push({
        type: 'dial',
        no,
        callerIdNo,
        sessionData: sessionDataOf(step, instruction),
        ringTimeoutMs: written.timeout === null ? null : written.timeout * MS_PER_SECOND,
        maxCallTimeMs: written.max_call_time,
      });
      return CONTINUE;
    },
  },
});

function sessionDataOf(step: Step, instruction: InstructionOf<Arguments>): JsonObject | null {
  const { sessionData } = instruction.args;
  const data = isJsonObject(sessionData) ? fillMembers(step, sessionData) : fillValue(step, sessionData);
  if (data === null || isTooLong(step, instruction, 'session_data', measure(step, data))) return null;
  if (isJsonObject(data)) return data;
  report(step, 'warning', instruction, `session_data is ${kindOf(data)}; an object is expected, none is handed over`);
  return null;
}
