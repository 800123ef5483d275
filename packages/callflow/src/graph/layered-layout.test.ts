import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layeredLayout } from './layered-layout.ts';

const box = { width: 100, height: 40 };
const links = (...pairs: [number, number][]) => pairs.map(([from, to]) => ({ from, to }));

test('each box stands below those that lead to it, branches side by side, a way back goes around', () => {
  const layout = layeredLayout([box, box, box, box], links([0, 1], [0, 2], [1, 3], [2, 3], [3, 0], [0, 3]));
  const [top, left, right, bottom] = layout.boxes;
  expect(left?.y).toBe(right?.y);
  expect(left?.y).toBeGreaterThan((top?.y ?? 0) + box.height);
  expect(bottom?.y).toBeGreaterThan((left?.y ?? 0) + box.height);
  expect(Math.abs((left?.x ?? 0) - (right?.x ?? 0))).toBeGreaterThan(box.width);
  expect(layout.links.map(({ kind }) => kind)).toEqual(['down', 'down', 'down', 'down', 'around', 'down']);
});

test('a way back goes beside what stands between its ends, and beside shorter ways back', () => {
  const wide = { width: 500, height: 40 };
  const { boxes, links: ways } = layeredLayout(
    [wide, box, box, box],
    links([0, 1], [1, 2], [2, 3], [3, 2], [3, 1], [3, 0]),
  );
  const [short, longer, longest] = ways.slice(3).map(({ points }) => Math.max(...points.map(({ x }) => x)));
  expect(short).toBeGreaterThan((boxes[2]?.x ?? 0) + box.width / 2);
  expect(longer).toBeGreaterThan(short ?? 0);
  expect(longer).toBeLessThan((boxes[0]?.x ?? 0) + wide.width / 2);
  expect(longest).toBeGreaterThan((boxes[0]?.x ?? 0) + wide.width / 2);
});

test('a link to a box that is not there', () => {
  expect(() => layeredLayout([box], links([0, 1]))).toThrow(RangeError);
});

test('nothing overlaps, everything is inside the picture', () => {
  const size = fc.record({ width: fc.integer({ min: 10, max: 200 }), height: fc.integer({ min: 10, max: 80 }) });
  const graph = fc.array(size, { minLength: 1, maxLength: 20 }).chain((boxes) => {
    const end = fc.nat({ max: boxes.length - 1 });
    return fc.tuple(fc.constant(boxes), fc.array(fc.record({ from: end, to: end }), { maxLength: 40 }));
  });
  fc.assert(
    fc.property(graph, ([boxes, arrows]) => {
      const { width, height, boxes: places, links: ways } = layeredLayout(boxes, arrows);
      const edges = boxes.map((one, index) => {
        const { x, y } = places[index] ?? { x: Number.NaN, y: Number.NaN };
        return { l: x - one.width / 2, r: x + one.width / 2, t: y - one.height / 2, b: y + one.height / 2 };
      });
      for (const { l, r, t, b } of edges) expect(l >= 0 && t >= 0 && r <= width && b <= height).toBe(true);
      for (const [index, one] of edges.entries()) {
        for (const other of edges.slice(index + 1)) {
          expect(one.r <= other.l || other.r <= one.l || one.b <= other.t || other.b <= one.t).toBe(true);
        }
      }
      for (const { x, y } of ways.flatMap(({ points }) => points)) {
        expect(x >= 0 && y >= 0 && x <= width && y <= height).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});

test('a large picture in good time', () => {
  const boxes = Array.from({ length: 5_000 }, () => box);
  const arrows = boxes.slice(1).flatMap((_, index) => links([index, index + 1], [Math.floor(index / 3), index + 1]));
  expect(layeredLayout(boxes, arrows).boxes.length).toBe(5_000);
});
