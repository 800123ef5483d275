import { expect, test } from 'vitest';
import { flowSvg } from './flow-svg.ts';

const say = (text: string) => ({ type: 'SAY', params: { text } });
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);
const count = (svg: string, part: string) => svg.split(part).length - 1;

test('a picture: boxes, branches, labels, the end, what is never reached', () => {
  const svg = flowSvg({
    actions: [
      { type: 'LABEL', name: 'MENU' },
      { type: 'COLLECT', name: 'choice', params: { num_digits: 1 }, actions: [say('Press 1.')] },
      {
        type: 'IF',
        condition: "$keyPresses == '1'",
        then: [say('One.')],
        orElse: [{ type: 'GOTO', params: { label: 'MENU' } }],
      },
      { type: 'HANGUP' },
      say('never'),
    ],
  });
  expect(texts(svg)).toEqual([
    ...['call', 'LABEL', 'MENU', 'COLLECT', 'choice', 'SAY', 'Press 1.', 'IF', "$keyPresses == '1'", 'SAY', 'One.'],
    ...['GOTO', 'MENU', 'HANGUP', 'call ends', 'SAY', 'never', 'next callback', 'actions', 'then', 'orElse'],
  ]);
  expect(count(svg, 'class="box branch"')).toBe(2);
  expect(count(svg, 'class="box label"')).toBe(1);
  expect(count(svg, 'unreached"')).toBe(1);
  expect(count(svg, 'marker-end')).toBe(11);
  expect(svg).toContain('<title>actions[2].then[0]</title>');
  expect(svg).toContain('prefers-color-scheme: dark');
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});

test('texts are escaped, and what no XML may hold is replaced', () => {
  const svg = flowSvg({ actions: [say('<b> & "c" \u0000\ud800')] });
  expect(texts(svg)).toContain('&lt;b&gt; &amp; &quot;c&quot; \ufffd\ufffd');
});

test('an empty list, two branches to one place, a text that is no document', () => {
  expect(texts(flowSvg('{"actions":[]}'))).toEqual(['call', 'next callback']);
  const branch = { type: 'IF', condition: 'true', then: [{ type: 'WAIT', params: { time: 1 } }], orElse: [] };
  expect(texts(flowSvg({ actions: [branch] }))).toContain('orElse');
  expect(() => flowSvg('[')).toThrow(SyntaxError);
});

test('the names of ways stand clear of each other; ways beside the call are dashed', () => {
  const events = { on_enter: [say('a')], on_participant_enter: [say('b')], on_participant_exit: [say('c')] };
  const svg = flowSvg({ actions: [{ type: 'CONFERENCE', params: { name: 'x' }, events }, { type: 'HANGUP' }] });
  const places = [...svg.matchAll(/class="behind" x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="16"/g)];
  const rectangles = places.map(([, x, y, width]) => ({ x: Number(x), y: Number(y), width: Number(width) }));
  expect(rectangles.length).toBe(3);
  for (const [index, one] of rectangles.entries()) {
    for (const other of rectangles.slice(index + 1)) {
      const isApart = one.x + one.width <= other.x || other.x + other.width <= one.x || Math.abs(one.y - other.y) >= 16;
      expect(isApart).toBe(true);
    }
  }
  expect(count(svg, 'class="arrow beside"')).toBe(6);
});
