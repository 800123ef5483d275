import type { Json } from '../io.ts';
import { kindOf } from '../json-value.ts';
import { didYouMean } from '../nearest-name.ts';
import { booleanIn } from './boolean.ts';
import { asWritten, type Parameter, type Reading } from './parameter.ts';

interface ChoicesOptions<Option extends string> {
  description: string;
  /** All in lower case. */
  options: readonly Option[];
  default: readonly NoInfer<Option>[];
  /** What `true` stands for, where yes and no may be written too; `false` and the empty list stand for none. */
  whenTrue?: readonly NoInfer<Option>[];
}

/** Some of a few words, in the order of the options. A single word counts as a list of one. */
export function choices<Option extends string>(options: ChoicesOptions<Option>): Parameter<Option[]> {
  return {
    kind: 'choices',
    description: options.description,
    required: false,
    default: [...options.default],
    options: options.options,
    read: (written) => readChoices(written, options),
  };
}

function readChoices<Option extends string>(written: Json, schema: ChoicesOptions<Option>): Reading<Option[]> {
  if (written === null) return asWritten([...schema.default]);
  if (schema.whenTrue !== undefined) {
    if (typeof written === 'boolean') return asWritten(written ? [...schema.whenTrue] : []);
    const meant = booleanIn(written);
    if (meant !== null) {
      const value = meant ? [...schema.whenTrue] : [];
      return { value, verdict: 'coerced', message: `is ${shown(written)}, taken as ${meant}` };
    }
    if (Array.isArray(written) && written.length === 0) return asWritten([]);
  }
  return readWords(written, schema);
}

function readWords<Option extends string>(written: Json, schema: ChoicesOptions<Option>): Reading<Option[]> {
  const options: readonly Json[] = schema.options;
  const expected = `a list of ${options.join(', ')} is expected`;
  const refuse = (what: string, value: readonly Option[], hint: string): Reading<Option[]> => {
    const rest = value.length > 0 ? value.join(', ') : 'nothing';
    return { value: [...value], verdict: 'refused', message: `${what}; ${expected}, ${rest} is used${hint}` };
  };
  const words = typeof written === 'string' ? [written] : written;
  if (!Array.isArray(words)) return refuse(`is ${kindOf(written)}`, schema.default, '');
  if (words.length === 0) return refuse('is an empty list', schema.default, '');
  const known = words.map((word) => (typeof word === 'string' ? word.trim().toLowerCase() : word));
  const value = schema.options.filter((option) => known.includes(option));
  const unknown = words.find((_word, index) => !options.includes(known[index] ?? null));
  if (unknown !== undefined) {
    const hint = typeof unknown === 'string' ? didYouMean(unknown, schema.options) : '';
    return refuse(`holds ${shown(unknown)}`, value.length > 0 ? value : schema.default, hint);
  }
  if (words.every((word) => options.includes(word))) return asWritten(value);
  return { value, verdict: 'coerced', message: `is taken as ${value.join(', ')}` };
}

function shown(written: Json): string {
  return typeof written === 'string' ? `"${written.slice(0, 40)}"` : kindOf(written);
}
