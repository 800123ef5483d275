import type { Json, JsonObject } from '../io.ts';
import type { Parameter, ParameterSchema } from '../parameters/parameter.ts';
import { REMARKS } from '../remarks.ts';

/** A text that holds a variable may stand in place of any value. */
const REFERENCE: JsonObject = { type: 'string', pattern: '\\$' };

/** The JSON Schema of an object of parameters. */
export function parametersSchema(parameters: ParameterSchema): JsonObject {
  const required = Object.keys(parameters).filter((name) => parameters[name]?.required === true);
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(parameters).map(([name, one]) => [name, parameterSchema(one)])),
    patternProperties: REMARKS,
    additionalProperties: false,
    ...(required.length > 0 && { required }),
  };
}

/** The JSON Schema of one parameter. */
function parameterSchema(parameter: Parameter<Json>): JsonObject {
  const about: JsonObject = { description: parameter.description };
  const { default: fallback } = parameter;
  if (!parameter.required && fallback !== null && !Array.isArray(fallback)) about.default = fallback;
  return { ...about, ...valueSchema(parameter) };
}

function valueSchema(parameter: Parameter<Json>): JsonObject {
  const { kind, minimum, maximum, values, options, members, read } = parameter;
  switch (kind) {
    case 'text':
    case 'text_list':
    case 'webhook':
      return textSchema(parameter);
    case 'integer': {
      if (values !== undefined) return { anyOf: [{ enum: [...values, null] }, REFERENCE] };
      const range = { ...(minimum !== undefined && { minimum }), ...(maximum !== undefined && { maximum }) };
      return { anyOf: [{ type: ['integer', 'null'], ...range }, REFERENCE] };
    }
    case 'boolean': {
      const texts = read('true').verdict === 'as_written' ? [{ enum: ['true', 'false'] }] : [];
      return { anyOf: [{ type: ['boolean', 'null'] }, ...texts, REFERENCE] };
    }
    case 'choice': {
      const written = (options ?? []).flatMap((option) => [option, option.toUpperCase()]);
      const words = [...new Set(written)].filter((word) => read(word).verdict === 'as_written');
      return { anyOf: [{ enum: [...words, null] }, REFERENCE] };
    }
    case 'choices': {
      const words = options === undefined ? [] : [...options];
      const yesOrNo = read(true).verdict === 'as_written' ? [{ type: 'boolean' }] : [];
      const least = read([]).verdict === 'as_written' ? {} : { minItems: 1 };
      const list = { type: 'array', items: { anyOf: [{ enum: words }, REFERENCE] }, ...least };
      return { anyOf: [{ enum: [...words, null] }, list, ...yesOrNo, REFERENCE] };
    }
    case 'values':
      return { anyOf: [{ type: ['array', 'object', 'null'] }, REFERENCE] };
    case 'details':
      return {
        anyOf: [{ type: ['boolean', 'null'] }, { enum: ['true', 'false'] }, parametersSchema(members ?? {}), REFERENCE],
      };
    case 'json_object':
      return { anyOf: [{ type: ['object', 'null'] }, REFERENCE] };
    case 'json':
      return {};
  }
}

/** A text has its form, where there is one, or holds a variable. */
function textSchema({ kind, form, isLiteral, read }: Parameter<Json>): JsonObject {
  const reference = isLiteral === true ? [] : [REFERENCE];
  const ofForm = (schema: JsonObject): JsonObject =>
    form === undefined ? schema : { anyOf: [{ ...schema, pattern: form }, ...reference] };
  const text = ofForm({ type: ['string', 'null'] });
  switch (kind) {
    case 'text_list':
      return { anyOf: [text, { type: 'array', items: ofForm({ type: 'string' }) }] };
    case 'webhook': {
      const object = { type: 'object', properties: { url: ofForm({ type: 'string' }) }, required: ['url'] };
      return { anyOf: [text, object] };
    }
    default:
      // Some texts may be switched off by a boolean.
      return read(false).verdict === 'as_written' ? { type: ['string', 'boolean', 'null'] } : text;
  }
}
