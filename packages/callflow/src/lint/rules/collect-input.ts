import { CALLER_INPUTS, type CallerInput } from '../../actions/caller-input.ts';
import { callerInputs, collectParams, inputsIn } from '../caller-inputs.ts';
import { complaintAtKey, type LintedFlow } from '../linted-flow.ts';
import type { OutlineNode } from '../outline.ts';
import type { Complaint, Rule } from '../rule.ts';

/** The parameters of a COLLECT that are about one of its inputs alone. */
const ABOUT: Readonly<Record<CallerInput, readonly string[]>> = {
  digits: ['num_digits', 'finish_on_key', 'inter_digit_timeout', 'min_digits', 'valid', 'type_ahead'],
  speech: ['hints', 'language', 'speech_end_silence'],
};

export const collectInput: Rule = {
  name: 'collect-input',
  severity: 'warning',
  summary: 'A COLLECT has a parameter about keys or speech, and does not take them.',
  description:
    'Without `input` a COLLECT takes digits: `hints` and a `barge_in` of speech do nothing then, nor does `num_digits` where ' +
    '`input` is speech alone.',
  bad: {
    actions: [
      { type: 'COLLECT', params: { num_digits: 1, hints: ['yes', 'no'] } },
      {
        type: 'IF',
        condition: "$keyPresses == '1'",
        then: [{ type: 'SAY', params: { text: 'Good.' } }],
        orElse: [{ type: 'SAY', params: { text: 'Well.' } }],
      },
      { type: 'HANGUP' },
    ],
  },
  good: {
    actions: [
      { type: 'COLLECT', params: { input: ['digits', 'speech'], num_digits: 1, hints: ['yes', 'no'] } },
      {
        type: 'IF',
        condition: "$keyPresses == '1' || $speech == 'yes'",
        then: [{ type: 'SAY', params: { text: 'Good.' } }],
        orElse: [{ type: 'SAY', params: { text: 'Well.' } }],
      },
      { type: 'HANGUP' },
    ],
  },
  checkFlow(flow) {
    return flow.outline.nodes.flatMap((node) => {
      const taken = callerInputs(node);
      if (taken.length === 0) return [];
      return CALLER_INPUTS.filter((input) => !taken.includes(input)).flatMap((input) => unused(flow, node, input));
    });
  },
};

function unused(flow: LintedFlow, node: OutlineNode, input: CallerInput): Complaint[] {
  const params = collectParams(node);
  const names = ABOUT[input].filter((name) => Object.hasOwn(params, name) && params[name] !== null);
  const bargeIn = params.barge_in ?? null;
  if (typeof bargeIn === 'object' && bargeIn !== null && inputsIn(node, 'barge_in').includes(input))
    names.push('barge_in');
  return names.map((name) => {
    const what = name === 'barge_in' ? `barge_in: ${input} cuts nothing short` : `${name} does nothing`;
    const message = `${what}: this COLLECT takes no ${input}`;
    return complaintAtKey(
      flow,
      node,
      ['params', name],
      message,
      `Write "input": ["digits", "speech"], or leave it out.`,
    );
  });
}
