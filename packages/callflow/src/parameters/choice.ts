import type { Json } from '../io.ts';
import { kindOf } from '../json-value.ts';
import { didYouMean } from '../nearest-name.ts';
import { asWritten, type Parameter, type Reading } from './parameter.ts';

interface ChoiceOptions<Option extends string> {
  description: string;
  /** All in lower case. */
  options: readonly Option[];
  default: NoInfer<Option>;
  /** `any`: capital letters are as good. */
  letterCase?: 'any';
}

/** One of a few words. Another letter case and white space around it are read too. */
export function choice<Option extends string>(options: ChoiceOptions<Option>): Parameter<Option> {
  return {
    kind: 'choice',
    description: options.description,
    required: false,
    default: options.default,
    options: options.options,
    read: (written) => readChoice(written, options),
  };
}

function readChoice<Option extends string>(
  written: Json,
  { options, ...rest }: ChoiceOptions<Option>,
): Reading<Option> {
  if (written === null) return asWritten(rest.default);
  const exact = options.find((option) => option === written);
  if (exact !== undefined) return asWritten(exact);
  if (typeof written !== 'string') {
    const expected = `one of ${options.join(', ')} is expected, ${rest.default} is used`;
    return { value: rest.default, verdict: 'refused', message: `is ${kindOf(written)}; ${expected}` };
  }
  const meant = options.find((option) => option === written.trim().toLowerCase());
  const shown = `"${written.slice(0, 40)}"`;
  if (meant !== undefined && rest.letterCase === 'any') return asWritten(meant);
  if (meant !== undefined) return { value: meant, verdict: 'coerced', message: `is ${shown}, taken as "${meant}"` };
  const expected = `one of ${options.join(', ')} is expected, ${rest.default} is used${didYouMean(written, options)}`;
  return { value: rest.default, verdict: 'refused', message: `is ${shown}; ${expected}` };
}
