import type { Json, JsonObject } from '../io.ts';
import { isJsonObject, kindOf } from '../json-value.ts';
import { didYouMean } from '../nearest-name.ts';
import { isComment } from '../remarks.ts';
import { booleanIn } from './boolean.ts';
import {
  asWritten,
  type Fault,
  faultsOf,
  type Parameter,
  type ParameterSchema,
  type ParameterValues,
  type Reading,
} from './parameter.ts';

/**
 * Yes or no, where yes may be said in detail: `true`, or an object of these members, each of which has a default. Null when
 * it is no.
 */
export function details<Members extends ParameterSchema>(options: {
  description: string;
  members: Members;
}): Parameter<(ParameterValues<Members> & JsonObject) | null> {
  type Value = ParameterValues<Members> & JsonObject;
  const { description, members } = options;
  return {
    kind: 'details',
    description,
    required: false,
    default: null,
    members,
    read: (written) => readDetails(written, members) as Reading<Value | null>,
  };
}

function readDetails(written: Json, members: ParameterSchema): Reading<JsonObject | null> {
  if (isJsonObject(written)) return readMembers(written, members);
  if (written === null) return asWritten(null);
  const meant = booleanIn(written);
  if (typeof written === 'boolean' || (meant !== null && typeof written === 'string'))
    return meant === true || written === true ? readMembers({}, members) : asWritten(null);
  const message = `is ${kindOf(written)}; true, false or an object is expected`;
  if (meant === null) return { value: null, verdict: 'refused', message: `${message}, false is used` };
  return {
    value: meant ? readMembers({}, members).value : null,
    verdict: 'coerced',
    message: `${message}, taken as ${meant}`,
  };
}

function readMembers(written: JsonObject, members: ParameterSchema): Reading<JsonObject> {
  const faults: Fault[] = [];
  const value: JsonObject = {};
  for (const [name, member] of Object.entries(members)) {
    const reading = member.read(Object.hasOwn(written, name) ? (written[name] ?? null) : null);
    faults.push(...faultsOf(name, reading));
    value[name] = reading.value;
  }
  const known = Object.keys(members);
  for (const name of Object.keys(written)) {
    if (known.includes(name) || isComment(name)) continue;
    const message = `is not known${didYouMean(name, known)}`;
    faults.push({ path: [name.slice(0, 60)], verdict: 'refused', message });
  }
  if (faults.length === 0) return asWritten(value);
  const isRefused = faults.some(({ verdict }) => verdict === 'refused');
  return { value, verdict: isRefused ? 'refused' : 'coerced', message: '', members: faults };
}
