import type { JsonObject } from '../io.ts';
import type { Exit } from '../lint/paths.ts';
import { type DrawnFlow, drawFlow, EXIT_WORDS, type FlowBox } from './drawn-flow.ts';
import { type Layout, layeredLayout, type Point } from './layered-layout.ts';

const LINE_HEIGHT = 17;
const PADDING = 10;
const CHARACTERS_PER_LINE = 24;
/** Bold capitals are that much wider than other letters. */
const BOLD = 1.25;

const STYLE = `
  svg { --paper: #ffffff; --ink: #1b2733; --faint: #6b7885; --action: #eef3fb; --action-line: #6f8fc4; --branch: #fdf3dc;
    --branch-line: #c99a2e; --label: #e6f5ec; --label-line: #4f9f73; --end: #f1eef7; --end-line: #8b7ab8; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #14191f; --ink: #e4eaf0; --faint: #94a1ae; --action: #1f2c42; --action-line: #6f93d3; --branch: #3a2f17;
      --branch-line: #d3a845; --label: #1a3526; --label-line: #5fb285; --end: #2b2540; --end-line: #9d8ccb; }
  }
  .paper, .behind { fill: var(--paper); }
  .behind { opacity: 0.9; }
  text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: var(--ink); text-anchor: middle; }
  .title { font-weight: 600; }
  .way { font-size: 12px; fill: var(--faint); }
  .box { stroke-width: 1.5; }
  .action { fill: var(--action); stroke: var(--action-line); }
  .branch { fill: var(--branch); stroke: var(--branch-line); }
  .label { fill: var(--label); stroke: var(--label-line); }
  .end { fill: var(--end); stroke: var(--end-line); }
  .unreached { stroke-dasharray: 4 4; }
  .arrow { fill: none; stroke: var(--faint); stroke-width: 1.5; }
  .beside { stroke-dasharray: 5 4; }
  .head { fill: var(--faint); }
`;

/** A box of the picture: an action, the start, or a place where the call leaves the list. */
interface Shape {
  title: string;
  lines: string[];
  kind: FlowBox['kind'] | 'end';
  isReached: boolean;
  path: string | null;
  width: number;
  height: number;
}

/** An arrow between two shapes, by their indices. */
interface ShapeLink {
  from: number;
  to: number;
  label: string | null;
  isBeside: boolean;
}

/**
 * A picture of a flow as SVG that stands by itself: a box per action, a hexagon where it branches, an arrow for every way
 * on, dark on light or light on dark as the viewer likes it. What no call comes to has a dashed border; dashed arrows lead into
 * the lists of events and out of them.
 *
 * @param flow the document or its text
 * @throws SyntaxError when it is no document
 */
export function flowSvg(flow: JsonObject | string): string {
  const drawn = drawFlow(flow);
  const { shapes, links } = shapesOf(drawn);
  const layout = layeredLayout(shapes, links);
  const size = `width="${round(layout.width)}" height="${round(layout.height)}"`;
  const paths = layout.links.map(
    (link, index) =>
      `<path class="arrow${links[index]?.isBeside === true ? ' beside' : ''}" marker-end="url(#head)" d="${way(link)}"/>`,
  );
  const labels = wayLabels(layout.links.map(({ points }, index) => ({ points, label: links[index]?.label ?? null })));
  const boxes = shapes.map((shape, index) => box(shape, layout.boxes[index] ?? { x: 0, y: 0 }));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${round(layout.width)} ${round(layout.height)}" role="img" aria-label="Call flow">`,
    `<style>${STYLE}</style>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>',
    '<rect class="paper" width="100%" height="100%"/>',
    ...paths,
    ...boxes,
    ...labels,
    '</svg>',
  ].join('\n')}\n`;
}

/** Where the call leaves the list stands below each action that leads there: no arrows across the picture. */
function shapesOf({ boxes, arrows }: DrawnFlow): {
  shapes: Shape[];
  links: ShapeLink[];
} {
  const shapes: Shape[] = [pill('call')];
  const indices = new Map<string, number>([['start', 0]]);
  const pills = new Map<string, number>();
  const from = Map.groupBy(arrows, (arrow) => arrow.from);
  const addExits = (id: string): void => {
    for (const { to } of from.get(id) ?? []) {
      if (!isExit(to) || pills.has(`${id} ${to}`)) continue;
      pills.set(`${id} ${to}`, shapes.length);
      shapes.push(pill(EXIT_WORDS[to]));
    }
  };
  addExits('start');
  for (const box of boxes) {
    indices.set(box.id, shapes.length);
    shapes.push(shapeOf(box));
    addExits(box.id);
  }
  const links = new Map<string, ShapeLink>();
  for (const { from, to, label, isBeside } of arrows) {
    const [source, target] = [indices.get(from) ?? 0, pills.get(`${from} ${to}`) ?? indices.get(to) ?? 0];
    const other = links.get(`${source} ${target}`);
    // Two ways to the same place are one arrow with both names.
    const words = other === undefined || other.label === null || label === null ? label : `${other.label}, ${label}`;
    links.set(`${source} ${target}`, {
      from: source,
      to: target,
      label: words ?? other?.label ?? null,
      isBeside: isBeside && other?.isBeside !== false,
    });
  }
  return { shapes, links: [...links.values()] };
}

function isExit(place: string): place is Exit {
  return Object.hasOwn(EXIT_WORDS, place);
}

function pill(words: string): Shape {
  return {
    title: '',
    lines: [words],
    kind: 'end',
    isReached: true,
    path: null,
    width: widthOf(words) + 4 * PADDING,
    height: LINE_HEIGHT + PADDING,
  };
}

function shapeOf({ title, words, kind, isReached, path }: FlowBox): Shape {
  const lines = wrapped(words);
  const textWidth = Math.max(widthOf(title) * BOLD, ...lines.map(widthOf));
  const width = textWidth + (kind === 'action' ? 3 : 5) * PADDING;
  const height = (1 + lines.length) * LINE_HEIGHT + 1.6 * PADDING;
  return { title, lines, kind, isReached, path, width, height };
}

/** Estimated: letters of the writing systems of the East are twice as wide. */
function widthOf(text: string): number {
  let width = 0;
  for (const letter of text) width += (letter.codePointAt(0) ?? 0) >= 0x1100 ? 13 : 7.4;
  return width;
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    if (line !== '' && line.length + 1 + word.length > CHARACTERS_PER_LINE) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}

function box({ title, lines, kind, isReached, path, width, height }: Shape, { x, y }: Point): string {
  const [left, top] = [x - width / 2, y - height / 2];
  const style = `class="box ${kind}${isReached ? '' : ' unreached'}"`;
  const rectangle = (radius: number): string =>
    `<rect ${style} x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(height)}" rx="${round(radius)}"/>`;
  const outline =
    kind === 'branch'
      ? `<path ${style} d="M${point(left, y)} ${point(left + 14, top)} ${point(left + width - 14, top)} ${point(left + width, y)} ${point(left + width - 14, top + height)} ${point(left + 14, top + height)}z"/>`
      : rectangle(kind === 'action' ? 5 : height / 2);
  const texts = [...(title === '' ? [] : [title]), ...lines];
  const first = y - ((texts.length - 1) * LINE_HEIGHT) / 2 + 4.5;
  const written = texts.map((text, index) => {
    const weight = index === 0 && title !== '' ? ' class="title"' : '';
    return `<text${weight} x="${round(x)}" y="${round(first + index * LINE_HEIGHT)}">${escaped(text)}</text>`;
  });
  const about = path === null ? '' : `<title>${escaped(path)}</title>`;
  return `<g>${about}${outline}${written.join('')}</g>`;
}

function way({ kind, points }: Layout['links'][number]): string {
  const [start, ...rest] = points;
  if (start === undefined) return '';
  let path = `M${point(start.x, start.y)}`;
  let before = start;
  for (const [index, at] of rest.entries()) {
    const next = rest[index + 1];
    if (kind === 'around') path += next === undefined ? ` L${point(at.x, at.y)}` : corner(before, at, next);
    else if (at.x === before.x) path += ` L${point(at.x, at.y)}`;
    else {
      const middle = (before.y + at.y) / 2;
      path += ` C${point(before.x, middle)} ${point(at.x, middle)} ${point(at.x, at.y)}`;
    }
    before = at;
  }
  return path;
}

function corner(before: Point, at: Point, next: Point): string {
  const near = (other: Point): Point => {
    const distance = Math.hypot(other.x - at.x, other.y - at.y);
    const share = distance === 0 ? 0 : Math.min(8, distance / 2) / distance;
    return { x: at.x + (other.x - at.x) * share, y: at.y + (other.y - at.y) * share };
  };
  const [from, to] = [near(before), near(next)];
  return ` L${point(from.x, from.y)} Q${point(at.x, at.y)} ${point(to.x, to.y)}`;
}

interface LabelPlace {
  x: number;
  y: number;
  width: number;
}

const LABEL_HEIGHT = 16;
/** Where a name gives way to another that stands there: upwards, where its arrow comes from, then down. */
const ASIDE = [0, -LABEL_HEIGHT, LABEL_HEIGHT, -2 * LABEL_HEIGHT];

/** The names of the ways, on the first stretch of their arrows: nearer to its end, where arrows from one box are apart. */
function wayLabels(ways: readonly { points: readonly Point[]; label: string | null }[]): string[] {
  const taken: LabelPlace[] = [];
  return ways.flatMap(({ points: [start, next], label }) => {
    if (label === null || start === undefined || next === undefined) return [];
    const width = widthOf(label) * 0.92 + 6;
    const x = start.x + (next.x - start.x) * 0.784;
    const wished = start.y + (next.y - start.y) * 0.658;
    const y = ASIDE.map((aside) => wished + aside).find(
      (one) => !taken.some((other) => meet(other, { x, y: one, width })),
    );
    const place = { x, y: y ?? wished, width };
    taken.push(place);
    return [wayLabel(place, label)];
  });
}

function meet(one: LabelPlace, other: LabelPlace): boolean {
  return Math.abs(one.x - other.x) < (one.width + other.width) / 2 && Math.abs(one.y - other.y) < LABEL_HEIGHT;
}

function wayLabel({ x, y, width }: LabelPlace, label: string): string {
  const behind = `<rect class="behind" x="${round(x - width / 2)}" y="${round(y - 8)}" width="${round(width)}" height="${LABEL_HEIGHT}" rx="3"/>`;
  return `<g>${behind}<text class="way" x="${round(x)}" y="${round(y + 4)}">${escaped(label)}</text></g>`;
}

function point(x: number, y: number): string {
  return `${round(x)} ${round(y)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  const safe = text.replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd');
  return safe.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
