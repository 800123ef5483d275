import { expect, test } from 'vitest';
import { flowGraph } from './flow-graph.ts';

const say = (text: string) => ({ type: 'SAY', params: { text } });

test('branches, jumps, prompts and the end', () => {
  const flow = {
    actions: [
      { type: 'LABEL', name: 'MENU' },
      { type: 'COLLECT', name: 'choice', params: { num_digits: 1 }, actions: [say('Press 1.')] },
      {
        type: 'IF',
        condition: "$keyPresses == '1'",
        then: [say('One.')],
        orElse: [{ type: 'GOTO', params: { label: 'MENU' } }],
      },
      { $n: 1 },
      { type: 'HANGUP' },
      say('never'),
    ],
  };
  expect(flowGraph(flow)).toBe(`flowchart TD
  start(["call"])
  a0(["LABEL MENU"])
  a1{"COLLECT choice"}
  a2["SAY Press 1."]
  a3{"IF #36;keyPresses #61;#61; #39;1#39;"}
  a4["SAY One."]
  a5["GOTO MENU"]
  a6["set #36;n #61; 1"]
  a7["HANGUP"]
  a8["SAY never"]
  call_ends(["call ends"])
  used_up(["next callback"])
  start --> a0
  a0 --> a1
  a1 -->|"actions"| a2
  a1 --> a3
  a2 --> a3
  a3 -->|"then"| a4
  a3 -->|"orElse"| a5
  a4 --> a6
  a5 --> a0
  a6 --> a7
  a7 --> call_ends
  a8 --> used_up
  classDef unreached stroke-dasharray: 4 4
  class a8 unreached
`);
});

test('an IF without orElse, an empty list, a text that is no document', () => {
  const branch = { type: 'IF', condition: 'true', then: [say('x')] };
  expect(flowGraph({ actions: [branch] })).toContain('a0 -->|"otherwise"| used_up');
  expect(flowGraph('{"actions":[]}')).toContain('start --> used_up');
  expect(flowGraph({ actions: [{ type: 'NONE' }, say('x')] })).toContain('start --> a0');
  expect(() => flowGraph('[')).toThrow(SyntaxError);
});
