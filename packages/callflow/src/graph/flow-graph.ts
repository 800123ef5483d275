import type { JsonObject } from '../io.ts';
import { drawFlow, EXIT_WORDS, type FlowBox } from './drawn-flow.ts';

/**
 * A picture of a flow as a Mermaid flowchart: a box per action, a diamond where it branches, an arrow for every way on.
 * What no call comes to has a dashed border; dashed arrows lead into the lists of events and out of them.
 *
 * @param flow the document or its text
 * @throws SyntaxError when it is no document
 */
export function flowGraph(flow: JsonObject | string): string {
  const drawn = drawFlow(flow);
  const boxes = drawn.boxes.map((box) => `  ${box.id}${shape(box)}`);
  const ends = drawn.exits.map((exit) => `  ${exit}(["${EXIT_WORDS[exit]}"])`);
  const arrows = drawn.arrows.map(({ from, to, label, isBeside }) => {
    const words = label === null ? '' : `|"${escaped(label)}"|`;
    return `  ${from} ${isBeside ? '-.->' : '-->'}${words} ${to}`;
  });
  const unreached = drawn.boxes.filter(({ isReached }) => !isReached).map(({ id }) => id);
  const style =
    unreached.length === 0
      ? []
      : ['  classDef unreached stroke-dasharray: 4 4', `  class ${unreached.join(',')} unreached`];
  return `${['flowchart TD', '  start(["call"])', ...boxes, ...ends, ...arrows, ...style].join('\n')}\n`;
}

function shape({ title, words, kind }: FlowBox): string {
  const text = escaped(`${title} ${words}`.trim());
  if (kind === 'label') return `(["${text}"])`;
  return kind === 'branch' ? `{"${text}"}` : `["${text}"]`;
}

/** Mermaid reads quotes, brackets and the like as its own; their codes stand for themselves. */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,!?:…-]/gu, (mark) => `#${mark.codePointAt(0)};`);
}
