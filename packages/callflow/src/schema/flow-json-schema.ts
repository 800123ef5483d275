import type { ActionCompiler, AnyAction, InstructionOf } from '../actions/action.ts';
import { ASSIGNMENT } from '../actions/assignment/assignment.ts';
import { ACTIONS } from '../actions/registry.ts';
import type { Json, JsonObject } from '../io.ts';
import { REMARKS } from '../remarks.ts';
import { parametersSchema } from './parameter-schema.ts';
import { SCHEMA_VERSION, schemaIdOf } from './schema-version.ts';

const LIST: JsonObject = { $ref: '#/$defs/list' };

/**
 * The JSON Schema (draft 2020-12) of a call flow, made from the definitions of the actions, so that an editor completes
 * and checks what a call runs. It is stricter than a call, which mends or passes over what it does not know.
 */
export function flowJsonSchema(): JsonObject {
  const actions = ACTIONS.filter(({ type }) => type !== ASSIGNMENT);
  const definitions = actions.map((action): [string, Json] => [action.type, actionSchema(action)]);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: schemaIdOf(SCHEMA_VERSION),
    title: 'Voxology call flow',
    type: 'object',
    required: ['actions'],
    properties: {
      $schema: { type: 'string' },
      name: { description: 'For people.' },
      actions: { ...LIST, description: 'What the call does, in order.' },
      flows: {
        type: 'object',
        description: 'Named lists of actions that RUN runs.',
        additionalProperties: LIST,
      },
    },
    patternProperties: REMARKS,
    additionalProperties: false,
    $defs: {
      list: { type: 'array', items: { $ref: '#/$defs/action' } },
      action: { anyOf: [...actions.map(({ type }) => ({ $ref: `#/$defs/${type}` })), { $ref: '#/$defs/assignment' }] },
      ...Object.fromEntries(definitions),
      assignment: assignmentSchema(),
    },
  };
}

function actionSchema(action: AnyAction): JsonObject {
  const { type, summary, description, parameters, fields, needs = [], example } = action;
  const lists = listsOf(action);
  const members = Object.entries(fields).map(([name, about]): [string, Json] => {
    return [name, { description: about, ...fieldSchema(action, name, lists) }];
  });
  const takesParams = Object.values(parameters).some(({ required }) => required);
  const params = parametersSchema(parameters);
  return {
    type: 'object',
    description: `${summary} ${description}`,
    examples: [example],
    required: ['type', ...(takesParams ? ['params'] : []), ...needs],
    properties: { type: { const: type }, params, ...Object.fromEntries(members) },
    patternProperties: REMARKS,
    additionalProperties: false,
  };
}

function fieldSchema({ events = [], shapes = {} }: AnyAction, name: string, lists: ReadonlySet<string>): JsonObject {
  if (lists.has(name)) return LIST;
  if (name !== 'events') return shapes[name] ?? {};
  return {
    type: 'object',
    properties: Object.fromEntries(events.map((event) => [event, LIST])),
    patternProperties: REMARKS,
    additionalProperties: false,
  };
}

function assignmentSchema(): JsonObject {
  return {
    type: 'object',
    description: 'Sets variables: each value is a JavaScript expression given as a text, or a value that is no text.',
    not: { required: ['type'] },
    patternProperties: { '^\\$[A-Za-z_]': {}, ...REMARKS },
    additionalProperties: false,
    minProperties: 1,
  };
}

/** The fields that hold lists of actions, asked from the action's own compile function. */
function listsOf(action: AnyAction): Set<string> {
  const lists = new Set<string>();
  for (const field of Object.keys(action.fields)) {
    let length = 0;
    const compiler: ActionCompiler = {
      path: '',
      flowNames: [],
      warn: () => undefined,
      emit: <Args extends Json>(args: Args): InstructionOf<Args> => {
        length += 1;
        return { op: '', path: '', action: null, next: length, args };
      },
      here: () => length,
      list: (key) => {
        length += 1;
        if (key === field) lists.add(field);
      },
      label: () => undefined,
      goto: () => undefined,
    };
    action.compile({ type: action.type, [field]: [] }, compiler);
  }
  return lists;
}
