import type { AnyAction } from '../actions/action.ts';
import { ASSIGNMENT } from '../actions/assignment/assignment.ts';
import { ACTIONS } from '../actions/registry.ts';
import type { Json } from '../io.ts';
import type { Parameter } from '../parameters/parameter.ts';

const INTRODUCTION = `# Call flows

A call flow is a document with a list of actions, in JSON or in [YAML](tools.md#yaml). It comes from the URL a number is
pointed at, again and again while the call is up: when the list is used up, the URL is asked for the next one. An unknown
action or key is reported in the call's log and passed over.

\`\`\`json
{
  "actions": [
    { "type": "SAY", "params": { "text": "Hello, world." } },
    { "type": "HANGUP" }
  ]
}
\`\`\`

## Variables, templates, conditions

- \`\${name}\` and \`\${sessionData.a.b}\` inside a text are replaced by the variable, \`\${...name}\` by its characters one by one
  (so that a number is read digit by digit). \`{{$name}}\` means the same. A text that is exactly \`"$name"\` is the value
  itself, of whatever type. What is missing is empty. There are no expressions in texts and parameters: an assignment
  computes a value, \`{ "$next": "$count + 1" }\`, and a text names it, \`\${next}\`. An address that takes one in its query
  wants it encoded: \`{ "$from": "encodeURIComponent($callerNo)" }\`.
- Variables that are always there: \`callId\`, \`callTime\` (ms since the answer), \`startTime\` (ms since 1970), \`duration\`,
  \`direction\`, \`status\`, \`detection\`, \`callerNo\`, \`callerNoCity\`, \`callerNoRegion\`, \`callerNoCountry\`, \`callerNoTimezone\`,
  the same for \`apiNo\`, \`appId\`, \`subaccountId\`, \`keyPresses\` (digits of the latest COLLECT), \`recordings\`, \`sessionData\`,
  \`customData\`, \`sipDomain\`, \`sipForwardedFor\`; of a text message \`textMessage\`, \`media\`, \`keywordDetected\`,
  \`keywordType\`. Actions that wait for others add their results, such as
  \`transferStatus\` or \`queueWait\`; they are named with the action, which takes the place of what the flow has assigned to them.
- Conditions and assigned values are JavaScript expressions over names that begin with \`$\`: literals, arrays, objects,
  member access, arithmetic, comparison (\`"37" == 37\` is true), \`&&\`, \`||\`, \`??\`, \`?:\`, simple arrow functions, \`new Date()\`,
  \`Math\`, \`JSON\` and the usual methods of texts, numbers, arrays and dates. They are parsed, never run as code; there is no
  way to a prototype, and steps and sizes are limited. A missing variable is \`undefined\`.
- \`new Date()\` is in UTC, and so are \`getHours()\` and \`getDay()\`. In a time zone it is read as a text, with daylight saving time:
  \`new Date().toLocaleTimeString('en-GB', { timeZone: 'America/New_York', hour: '2-digit', minute: '2-digit' })\` is \`"09:30"\`
  (so \`$time >= '09:00' && $time < '17:00'\` are opening hours), \`toLocaleDateString('en-US', { timeZone, weekday: 'long' })\` \`"Friday"\`;
  \`$apiNoTimezone\` is the zone of your number, empty where it is not known, as in a simulation.

## The document

Beside \`actions\` there may be \`flows\`, an object of named lists that RUN runs, and \`$schema\`, \`name\`, \`comment\` and
\`comments\`, which mean nothing to a call. Other keys are reported. The schema for editors is printed by
\`voxology schema\`.

\`\`\`json
{
  "$schema": "./flow.schema.json",
  "name": "Reception",
  "actions": [{ "type": "RUN", "params": { "flow": "greeting" } }, { "type": "HANGUP" }],
  "flows": { "greeting": [{ "type": "SAY", "params": { "text": "Good day." } }] }
}
\`\`\`

## Loops

A flow may go in circles as long as the call lasts. What would do so for nothing is ended or refused, with the reason in the
log ([settings](configuration.md)):

- a loop that neither plays nor waits: after \`limits.max_steps_without_wait\` actions the caller hears the apology, and the
  call is ended; so does a document that only leads back to itself, after \`limits.max_idle_callbacks\` callbacks;
- a loop that rings people: one call, or one text message, rings \`limits.max_legs_per_call\` phones in all (each number of
  TRANSFER and each DIAL counts). Further ones are not rung: DIAL is passed over, of several numbers as many are rung as may
  be, and TRANSFER without any is passed over, with \`$transferStatus\` \`failed\`. The flow goes on.

## Text messages

A text message for a number asks the same URL ([callbacks](callbacks.md#text-messages)), and the answer may hold actions too.
There is nobody to hear or press anything then: ${ACTIONS.filter(({ forMessages }) => forMessages === true)
  .map(titleOf)
  .join(
    ', ',
  )} run as in a call; any other action is reported and left out, with the lists inside it. HANGUP ends the flow. The list
is run once. \`voxology lint --sms\` tells what would be left out.

\`\`\`json
{
  "actions": [
    {
      "type": "IF",
      "condition": "$keywordType == 'Help'",
      "then": [{ "type": "SMS", "params": { "message": "Write us at help@example.com." } }]
    }
  ]
}
\`\`\`

## Actions
`;

/** docs/call-flows.md, made from the definitions that are compiled and run, so that the two cannot differ. */
export function languageReference(): string {
  return `${INTRODUCTION}\n${ACTIONS.map(section).join('\n')}`;
}

function section(action: AnyAction): string {
  const title = titleOf(action);
  const rows = [
    ...Object.entries(action.fields).map(([name, description]) => `| \`${name}\` | | ${cell(description)} |`),
    ...Object.entries(action.parameters).map(([name, parameter]) => parameterRow(name, parameter)),
  ];
  const table = rows.length === 0 ? '' : `\n| key | default | what |\n|---|---|---|\n${rows.join('\n')}\n`;
  const example = JSON.stringify(action.example, null, 2);
  const callees = action.forCallees === true ? ' *Also for callees.*' : '';
  return `### ${title}\n\n${action.summary} ${action.description}${callees}\n${table}\n\`\`\`json\n${example}\n\`\`\`\n`;
}

function titleOf({ type }: AnyAction): string {
  return type === ASSIGNMENT ? 'Assignment' : type;
}

function parameterRow(name: string, parameter: Parameter<Json>): string {
  const { kind, minimum, maximum, options, members, required, description } = parameter;
  const range =
    minimum === undefined && maximum === undefined ? '' : ` From ${minimum ?? 'any'} to ${maximum ?? 'any'}.`;
  const choices =
    options === undefined
      ? ''
      : ` ${kind === 'choices' ? 'Some' : 'One'} of ${options.map((option) => `\`${option}\``).join(', ')}.`;
  const parts =
    members === undefined
      ? ''
      : ` \`true\`, or an object of ${Object.keys(members)
          .map((member) => `\`${member}\``)
          .join(', ')}.`;
  const fallback = required ? 'required' : parameter.default === null ? '' : `\`${JSON.stringify(parameter.default)}\``;
  return `| \`params.${name}\` | ${fallback} | ${cell(description)}${range}${choices}${parts} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
