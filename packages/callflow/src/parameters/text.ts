import type { Json } from '../io.ts';
import { kindOf } from '../json-value.ts';
import { asWritten, type Parameter, type Reading } from './parameter.ts';
import type { TextForm } from './text-form.ts';

interface TextOptions<Value extends string | null> {
  description: string;
  default: Value;
  required?: boolean;
  /** A blank text counts as not given, such as that of a variable that has no value. */
  blankIsNone?: true;
  form?: TextForm;
  isLiteral?: true;
}

/** A text. Numbers and booleans are written out; lists and objects are refused. */
export function text<Value extends string | null>(options: TextOptions<Value>): Parameter<string | Value> {
  return {
    kind: 'text',
    description: options.description,
    required: options.required ?? false,
    default: options.default,
    ...(options.form !== undefined && { form: options.form }),
    ...(options.isLiteral === true && { isLiteral: true }),
    read: (written) => readText(isBlank(written) && options.blankIsNone === true ? null : written, options.default),
  };
}

/** A text or a list of texts. A single text counts as a list of one, numbers are written out; what else is no text is left out. */
export function textList(options: { description: string; required?: boolean; form?: TextForm }): Parameter<string[]> {
  return {
    kind: 'text_list',
    description: options.description,
    required: options.required ?? false,
    default: [],
    ...(options.form !== undefined && { form: options.form }),
    read: readTextList,
  };
}

function isBlank(written: Json): boolean {
  return typeof written === 'string' && written.trim() === '';
}

function readText<Value extends string | null>(written: Json, fallback: Value): Reading<string | Value> {
  if (typeof written === 'string') return asWritten(written);
  if (written === null) return asWritten(fallback);
  if (typeof written === 'number' || typeof written === 'boolean') {
    return {
      value: String(written),
      verdict: 'coerced',
      message: `is ${kindOf(written)}, taken as the text "${written}"`,
    };
  }
  return { value: fallback, verdict: 'refused', message: `is ${kindOf(written)}; a text is expected` };
}

function readTextList(written: Json): Reading<string[]> {
  if (typeof written === 'string') return asWritten([written]);
  if (written === null) return asWritten([]);
  if (typeof written === 'number') {
    return { value: [String(written)], verdict: 'coerced', message: `is a number, taken as the text "${written}"` };
  }
  if (!Array.isArray(written)) {
    return { value: [], verdict: 'refused', message: `is ${kindOf(written)}; a text or a list of texts is expected` };
  }
  const readable = written.filter((item) => typeof item === 'string' || typeof item === 'number');
  const texts = readable.map(String);
  const left = written.length - readable.length;
  if (left > 0)
    return { value: texts, verdict: 'refused', message: `has ${left} entries that are no text; they are left out` };
  const number = readable.find((item) => typeof item === 'number');
  if (number === undefined) return asWritten(texts);
  return { value: texts, verdict: 'coerced', message: `holds numbers, taken as texts such as "${number}"` };
}
