import { fillMembers, fillValue } from '../../interpreter/evaluation.ts';
import { report } from '../../interpreter/step.ts';
import { mergeSessionData } from '../../interpreter/variables.ts';
import type { Json } from '../../io.ts';
import { isJsonObject } from '../../json-value.ts';
import { compileParameters } from '../../parameters/compile.ts';
import { CONTINUE, defineAction } from '../action.ts';

type Arguments = { sessionData: Json };

export const sessiondata = defineAction<Arguments, null>({
  type: 'SESSIONDATA',
  summary: 'Sets the call’s session data.',
  description:
    'Lays the members of `session_data` over the session data of the call; members not named stay. Values of any JSON ' +
    'type keep it. Texts may hold variables; a text that is exactly `$name` takes over the variable’s value.',
  example: { type: 'SESSIONDATA', session_data: { gender: 'female', age: 37, caller: '$callerNo' } },
  parameters: {},
  fields: { session_data: 'An object, or a text such as `$sessionData` that refers to one.' },
  needs: ['session_data'],
  shapes: { session_data: { type: ['object', 'string'] } },
  compile(entry, compiler) {
    compileParameters({}, entry.params, compiler.warn);
    const written = Object.hasOwn(entry, 'session_data') ? entry.session_data : undefined;
    if (written === undefined) compiler.warn('session_data is missing; nothing is set');
    compiler.emit<Arguments>({ sessionData: written ?? null });
  },
  forMessages: true,
  forCallees: true,
  behaviour: {
    needsMedia: false,
    start(step, instruction) {
      const { sessionData } = instruction.args;
      const data = isJsonObject(sessionData) ? fillMembers(step, sessionData) : fillValue(step, sessionData);
      if (isJsonObject(data)) mergeSessionData(step, instruction, data);
      else if (data !== null) report(step, 'warning', instruction, 'session_data is no object; nothing is set');
      return CONTINUE;
    },
  },
});
