import type { Json, JsonObject } from '../io.ts';
import type { Parameter, ParameterSchema } from '../parameters/parameter.ts';

/** A text that holds a variable may stand in place of any value. */
const REFERENCE: JsonObject = { type: 'string', pattern: '\\$' };

/** As `isComment` of the language has it: keys that may stand anywhere and mean nothing. */
export const REMARKS: JsonObject = { '^[cC][oO][mM][mM][eE][nN][tT][sS]?($|[:_-])': {} };

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

function valueSchema({ kind, minimum, maximum, options, members, read }: Parameter<Json>): JsonObject {
  switch (kind) {
    case 'text':
      // Some texts may be switched off by a boolean.
      return read(false).verdict === 'as_written'
        ? { type: ['string', 'boolean', 'null'] }
        : { type: ['string', 'null'] };
    case 'integer': {
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
      return { anyOf: [{ enum: [...words, null] }, { type: 'array', items: { enum: words } }, ...yesOrNo, REFERENCE] };
    }
    case 'text_list':
      return { anyOf: [{ type: ['string', 'null'] }, { type: 'array', items: { type: 'string' } }] };
    case 'values':
      return { anyOf: [{ type: ['array', 'object', 'null'] }, REFERENCE] };
    case 'webhook': {
      const object = { type: 'object', properties: { url: { type: 'string' } }, required: ['url'] };
      return { anyOf: [{ type: ['string', 'null'] }, object] };
    }
    case 'details':
      return {
        anyOf: [{ type: ['boolean', 'null'] }, { enum: ['true', 'false'] }, parametersSchema(members ?? {}), REFERENCE],
      };
    case 'json':
      return {};
  }
}
