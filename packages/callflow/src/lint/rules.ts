import type { Rule } from './rule.ts';
import { actionForm } from './rules/action-form.ts';
import { collectInput } from './rules/collect-input.ts';
import { invalidJson, invalidYaml, noActionList } from './rules/document.ts';
import { duplicateKey } from './rules/duplicate-key.ts';
import { emptyCollect } from './rules/empty-collect.ts';
import { invalidExpression } from './rules/invalid-expression.ts';
import { invalidSsml } from './rules/invalid-ssml.ts';
import { duplicateLabel, missingLabel, unusedLabel } from './rules/labels.ts';
import { needsCall } from './rules/needs-call.ts';
import { noHangup } from './rules/no-hangup.ts';
import { notForCallees } from './rules/not-for-callees.ts';
import { missingParameter, parameterValue } from './rules/parameters.ts';
import { spinningLoop } from './rules/spinning-loop.ts';
import { unfilledText } from './rules/unfilled-text.ts';
import { unknownAction } from './rules/unknown-action.ts';
import { unknownKey } from './rules/unknown-key.ts';
import { unknownSchema } from './rules/unknown-schema.ts';
import { unreachableAction } from './rules/unreachable-action.ts';
import { unreadSpeech } from './rules/unread-speech.ts';
import { unsetVariable } from './rules/variables.ts';

/** Everything the linter looks for, in the order of its documentation. */
export const RULES: readonly Rule[] = [
  invalidJson,
  invalidYaml,
  noActionList,
  duplicateKey,
  unknownSchema,
  unknownAction,
  unknownKey,
  missingParameter,
  parameterValue,
  actionForm,
  missingLabel,
  duplicateLabel,
  unusedLabel,
  unreachableAction,
  spinningLoop,
  invalidExpression,
  unfilledText,
  invalidSsml,
  unsetVariable,
  emptyCollect,
  collectInput,
  unreadSpeech,
  noHangup,
  needsCall,
  notForCallees,
];
