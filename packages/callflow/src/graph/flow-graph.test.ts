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

test('the whisper of a TRANSFER leads to its confirm, and past it where the callee declines', () => {
  const transfer = {
    type: 'TRANSFER',
    params: { no: '+12125550100' },
    whisper: [{ type: 'IF', condition: '$late', then: [{ type: 'HANGUP' }] }, say('A call.')],
    confirm: [{ type: 'COLLECT', params: { num_digits: 1 } }],
  };
  const graph = flowGraph({ actions: [transfer, say('Back.'), { type: 'HANGUP' }] });
  const arrows = graph.split('\n').filter((line) => / -->/.test(line) && !line.includes('start'));
  expect(arrows).toEqual([
    '  a0 -->|"whisper"| a1',
    '  a0 --> a5',
    '  a1 -->|"then"| a2',
    '  a1 -->|"otherwise"| a3',
    '  a2 --> a5',
    '  a3 --> a4',
    '  a4 --> a5',
    '  a5 --> a6',
    '  a6 --> call_ends',
  ]);
});

test('the list of a FOREACH leads back to it; the ways of a SWITCH are named by their cases', () => {
  const each = { type: 'FOREACH', params: { iterator: '$names' } };
  const inner = { ...each, then: [say('x'), { type: 'IF', condition: '$done', then: [{ type: 'RETURN' }] }] };
  const flow = {
    actions: [
      {
        type: 'SWITCH',
        value: '$keyPresses',
        cases: [{ when: ['1', 2], then: [{ ...each, then: [inner] }] }, { when: '3' }],
      },
    ],
  };
  const arrows = flowGraph(flow)
    .split('\n')
    .filter((line) => / -->/.test(line) && !line.includes('start'));
  expect(arrows).toEqual([
    '  a0 -->|"1, 2"| a1',
    '  a0 -->|"3"| used_up',
    '  a0 -->|"otherwise"| used_up',
    '  a1 -->|"then"| a2',
    '  a1 --> used_up',
    '  a2 -->|"then"| a3',
    '  a2 --> a1',
    '  a3 --> a4',
    '  a4 -->|"then"| a5',
    '  a4 -->|"otherwise"| a2',
    '  a5 --> used_up',
  ]);
});

test('the lists of events run beside: dashed arrows; an action that takes several numbers is about them', () => {
  const room = {
    type: 'CONFERENCE',
    params: { name: 'room' },
    events: { on_enter: [say('Hi.')], on_end: [{ type: 'HANGUP' }] },
  };
  const graph = flowGraph({
    actions: [room, { type: 'TRANSFER', params: { no: ['alice', 'bob'] } }, { type: 'HANGUP' }],
  });
  expect(graph.split('\n').filter((line) => / -[.-]*->/.test(line))).toEqual([
    '  start --> a0',
    '  a0 -.->|"on#95;enter"| a1',
    '  a0 -.->|"on#95;end"| a2',
    '  a0 --> a3',
    '  a1 -.-> a3',
    '  a2 --> call_ends',
    '  a3 --> a4',
    '  a4 --> call_ends',
  ]);
  expect(graph).toContain('a3["TRANSFER alice, bob"]');
});
