import { nearestName } from '../../nearest-name.ts';
import { complaintAt } from '../linted-flow.ts';
import type { Rule } from '../rule.ts';

const say = (text: string) => ({ type: 'SAY', params: { text } });

export const missingLabel: Rule = {
  name: 'missing-label',
  severity: 'error',
  summary: 'An action jumps to a label that does not exist, or that it cannot reach.',
  description:
    'The call leaves the rest of the list out and asks for the next one. Names are case-sensitive, and nobody can jump ' +
    'into the prompt of a COLLECT from outside.',
  bad: {
    actions: [{ type: 'LABEL', name: 'AGAIN' }, say('Hello.'), { type: 'GOTO', params: { label: 'AGIAN' } }],
  },
  good: {
    actions: [{ type: 'LABEL', name: 'AGAIN' }, say('Hello.'), { type: 'GOTO', params: { label: 'AGAIN' } }],
  },
  checkFlow(flow) {
    return flow.outline.nodes.flatMap((node) =>
      node.gotos
        .filter(({ target }) => target === null)
        .map(({ label, known }) => {
          const meant = nearestName(
            label,
            known.filter((name) => name !== label),
          );
          const hint =
            meant === null ? `Add { "type": "LABEL", "name": "${label.slice(0, 60)}" }.` : `Did you mean "${meant}"?`;
          const message = `there is no LABEL "${label.slice(0, 60)}" that can be reached from here`;
          return complaintAt(flow, node, ['params', 'label'], message, hint);
        }),
    );
  },
};

export const duplicateLabel: Rule = {
  name: 'duplicate-label',
  severity: 'error',
  summary: 'A list has a label twice.',
  description: 'The first one counts; the second one is never jumped to.',
  bad: {
    actions: [
      { type: 'LABEL', name: 'MENU' },
      say('One.'),
      { type: 'LABEL', name: 'MENU' },
      say('Two.'),
      { type: 'GOTO', params: { label: 'MENU' } },
    ],
  },
  good: {
    actions: [{ type: 'LABEL', name: 'MENU' }, say('One.'), say('Two.'), { type: 'GOTO', params: { label: 'MENU' } }],
  },
  checkFlow(flow) {
    return flow.outline.nodes.flatMap((node) =>
      node.labels
        .filter(({ isTwice }) => isTwice)
        .map(({ name }) =>
          complaintAt(
            flow,
            node,
            ['name'],
            `the label "${name.slice(0, 60)}" stands twice in this list; the first one counts`,
            'Give one of them another name.',
          ),
        ),
    );
  },
};

export const unusedLabel: Rule = {
  name: 'unused-label',
  severity: 'warning',
  summary: 'Nothing jumps to a label.',
  description: 'It does no harm, but often tells of a jump that was forgotten.',
  bad: { actions: [{ type: 'LABEL', name: 'START' }, say('Hello.'), { type: 'HANGUP' }] },
  good: { actions: [say('Hello.'), { type: 'HANGUP' }] },
  checkFlow(flow) {
    const targets = new Set(flow.outline.nodes.flatMap((node) => node.gotos.map(({ target }) => target)));
    const missed = new Set(flow.outline.nodes.flatMap((node) => node.gotos.map(({ label }) => label)));
    return flow.outline.nodes
      .filter((node) => !targets.has(node))
      .flatMap((node) =>
        node.labels
          .filter(({ name, isTwice }) => !isTwice && !missed.has(name))
          .map(({ name }) => {
            const message = `nothing jumps to the label "${name.slice(0, 60)}"`;
            return complaintAt(flow, node, ['name'], message, 'Remove it, or add the GOTO that was meant.');
          }),
      );
  },
};
