/** A box to be placed. Boxes come in an order in which most arrows lead forward. */
export interface SizedBox {
  width: number;
  height: number;
}

/** An arrow between two boxes, by their indices. */
export interface Link {
  from: number;
  to: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface Layout {
  width: number;
  height: number;
  /** The middle of each box. */
  boxes: Point[];
  /**
   * The ways of the arrows. Down: points from the bottom of one box to the top of another. Around: the corners of a way
   * beside everything, back up or far down.
   */
  links: { kind: 'down' | 'around'; points: Point[] }[];
}

const MARGIN = 24;
const GAP_X = 28;
const GAP_Y = 52;
const LANE = 14;
/** Width of an arrow that passes a layer. */
const PASSING = 12;
/** Layers after which an arrow goes around, so that the work stays small in large pictures. */
const LONGEST = 24;
const SWEEPS = 12;

/** A box, or a place where an arrow passes a layer. */
interface Seat {
  layer: number;
  width: number;
  x: number;
  above: Seat[];
  below: Seat[];
  isPassing: boolean;
}

/**
 * Places boxes in layers from top to bottom: each below all that lead to it, in an order with few crossings, near those it
 * is linked with. Arrows back to an earlier box go around at the right of what stands between the two.
 */
export function layeredLayout(boxes: readonly SizedBox[], links: readonly Link[]): Layout {
  const layerOf = layersOf(boxes.length, links);
  const seats = boxes.map(({ width }, index): Seat => newSeat(layerOf[index] ?? 0, width, false));
  const layers: Seat[][] = [];
  const sit = (seat: Seat): void => {
    let layer = layers[seat.layer];
    if (layer === undefined) {
      layer = [];
      layers[seat.layer] = layer;
    }
    layer.push(seat);
  };
  for (const seat of seats) sit(seat);
  const chains = links.map(({ from, to }): Seat[] | null => {
    const [first, last] = [seats[from], seats[to]];
    if (first === undefined || last === undefined) throw new RangeError(`a link from ${from} to ${to}: no such box`);
    if (last.layer <= first.layer || last.layer - first.layer > LONGEST) return null;
    const chain = [first];
    for (let layer = first.layer + 1; layer < last.layer; layer += 1) chain.push(newSeat(layer, PASSING, true));
    chain.push(last);
    for (const seat of chain.slice(1, -1)) sit(seat);
    for (const [index, seat] of chain.slice(1).entries()) {
      const before = chain[index] ?? first;
      before.below.push(seat);
      seat.above.push(before);
    }
    return chain;
  });
  const filled = layers.filter((layer) => layer !== undefined);
  order(filled);
  const right = spread(filled);
  const tops = topsOf(boxes, layerOf, layers.length);
  const around = links.filter((_, index) => chains[index] === null);
  const lanes = lanesOf(around, layerOf, filled.map(rightOf));
  return drawn(boxes, links, seats, chains, tops, lanes, right);
}

function newSeat(layer: number, width: number, isPassing: boolean): Seat {
  return { layer, width, x: 0, above: [], below: [], isPassing };
}

/** The longest way to each box along arrows that lead forward; a box that none leads to stands below the one before it. */
function layersOf(count: number, links: readonly Link[]): number[] {
  const into = Array.from({ length: count }, (): number[] => []);
  for (const { from, to } of links) if (from < to) into[to]?.push(from);
  const layers: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const before = into[index] ?? [];
    const from = before.length > 0 ? before : index > 0 ? [index - 1] : [];
    layers.push(from.reduce((deepest, one) => Math.max(deepest, (layers[one] ?? 0) + 1), 0));
  }
  return layers;
}

/** Sorts each layer by where its neighbours stand, down and up in turns. */
function order(layers: readonly Seat[][]): void {
  const place = new Map<Seat, number>();
  const number = (layer: readonly Seat[]): void => layer.forEach((seat, index) => void place.set(seat, index));
  for (const layer of layers) number(layer);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const isDown = sweep % 2 === 0;
    for (const layer of isDown ? layers : layers.toReversed()) {
      const weight = new Map(
        layer.map((seat) => {
          const near = isDown ? seat.above : seat.below;
          return [seat, mean(near.map((one) => place.get(one) ?? 0)) ?? place.get(seat) ?? 0] as const;
        }),
      );
      layer.sort((a, b) => (weight.get(a) ?? 0) - (weight.get(b) ?? 0));
      number(layer);
    }
  }
}

/** Gives every seat its x: as near to its neighbours as the others of its layer leave room. Returns the right edge. */
function spread(layers: readonly Seat[][]): number {
  for (const layer of layers) settle(layer, () => 0);
  for (let sweep = 0; sweep < 2 * SWEEPS; sweep += 1) {
    const isDown = sweep % 2 === 0;
    for (const layer of isDown ? layers : layers.toReversed()) settle(layer, (seat) => wish(seat, isDown));
  }
  const all = layers.flat();
  const left = all.reduce((least, { x, width }) => Math.min(least, x - width / 2), Number.POSITIVE_INFINITY);
  for (const seat of all) seat.x += MARGIN - left;
  return all.reduce((most, { x, width }) => Math.max(most, x + width / 2), 0);
}

/** Arrows through several layers are wished straight more than anything. */
function wish(seat: Seat, isDown: boolean): number {
  const near = isDown ? seat.above : seat.below;
  const passing = seat.isPassing ? near.filter(({ isPassing }) => isPassing) : [];
  return mean((passing.length > 0 ? passing : near).map(({ x }) => x)) ?? seat.x;
}

/** The middle between pushing everybody right and pushing everybody left: order and distances hold in both. */
function settle(layer: readonly Seat[], wished: (seat: Seat) => number): void {
  const wishes = layer.map(wished);
  const distance = (index: number): number => {
    const [a, b] = [layer[index - 1], layer[index]];
    return ((a?.width ?? 0) + (b?.width ?? 0)) / 2 + GAP_X;
  };
  const pushedRight: number[] = [];
  for (const [index, x] of wishes.entries()) {
    pushedRight.push(Math.max(x, (pushedRight[index - 1] ?? Number.NEGATIVE_INFINITY) + distance(index)));
  }
  let next = Number.POSITIVE_INFINITY;
  for (let index = layer.length - 1; index >= 0; index -= 1) {
    next = Math.min(wishes[index] ?? 0, next - distance(index + 1));
    const seat = layer[index];
    if (seat !== undefined) seat.x = ((pushedRight[index] ?? 0) + next) / 2;
  }
}

function topsOf(
  boxes: readonly SizedBox[],
  layerOf: readonly number[],
  count: number,
): { top: number; height: number }[] {
  const heights = new Array<number>(count).fill(0);
  for (const [index, { height }] of boxes.entries()) {
    const layer = layerOf[index] ?? 0;
    heights[layer] = Math.max(heights[layer] ?? 0, height);
  }
  let top = MARGIN;
  return heights.map((height) => {
    const band = { top, height };
    top += height + GAP_Y;
    return band;
  });
}

/** The right edge of a layer. */
function rightOf(layer: readonly Seat[]): number {
  return layer.reduce((most, { x, width }) => Math.max(most, x + width / 2), 0);
}

/** The x of each way around: beside all that stands in the layers it passes, and beside shorter ways that pass them too. */
function lanesOf(around: readonly Link[], layerOf: readonly number[], edges: readonly number[]): Map<Link, number> {
  const spans = around.map((link) => {
    const [from, to] = [layerOf[link.from] ?? 0, layerOf[link.to] ?? 0];
    return { link, first: Math.min(from, to), last: Math.max(from, to), x: 0 };
  });
  spans.sort((a, b) => a.last - a.first - (b.last - b.first));
  for (const [index, span] of spans.entries()) {
    const { first, last } = span;
    for (let layer = first; layer <= last; layer += 1) span.x = Math.max(span.x, (edges[layer] ?? 0) + 1.5 * LANE);
    for (let before = 0; before < index; before += 1) {
      const other = spans[before];
      if (other !== undefined && other.first <= last && first <= other.last) span.x = Math.max(span.x, other.x + LANE);
    }
  }
  return new Map(spans.map(({ link, x }) => [link, x]));
}

function drawn(
  boxes: readonly SizedBox[],
  links: readonly Link[],
  seats: readonly Seat[],
  chains: readonly (Seat[] | null)[],
  bands: readonly { top: number; height: number }[],
  lanes: ReadonlyMap<Link, number>,
  right: number,
): Layout {
  const middle = ({ layer }: Seat): number => (bands[layer]?.top ?? 0) + (bands[layer]?.height ?? 0) / 2;
  const bottom = ({ layer }: Seat): number => (bands[layer]?.top ?? 0) + (bands[layer]?.height ?? 0);
  const ways = chains.map((chain, index): Layout['links'][number] => {
    const link = links[index];
    const { from = 0, to = 0 } = link ?? {};
    const [source, target] = [seats[from], seats[to]];
    if (link === undefined || source === undefined || target === undefined) return { kind: 'down', points: [] };
    const start = { x: source.x, y: middle(source) + (boxes[from]?.height ?? 0) / 2 };
    const end = { x: target.x, y: middle(target) - (boxes[to]?.height ?? 0) / 2 };
    if (chain !== null) {
      // An arrow leaves the band of its box before it turns, and passes others from top to bottom.
      const between = chain.slice(1, -1).flatMap((seat) => [
        { x: seat.x, y: bands[seat.layer]?.top ?? 0 },
        { x: seat.x, y: bottom(seat) },
      ]);
      return { kind: 'down', points: [start, ...between, end] };
    }
    const x = lanes.get(link) ?? right;
    const [under, over] = [bottom(source) + LANE, (bands[target.layer]?.top ?? 0) - LANE];
    const corners = [
      { x: start.x, y: under },
      { x, y: under },
      { x, y: over },
      { x: end.x, y: over },
    ];
    return { kind: 'around', points: [start, ...corners, end] };
  });
  const last = bands.at(-1);
  return {
    width: [...lanes.values()].reduce((most, x) => Math.max(most, x), right) + MARGIN,
    height: (last?.top ?? 0) + (last?.height ?? 0) + MARGIN,
    boxes: seats.map((seat) => ({ x: seat.x, y: middle(seat) })),
    links: ways,
  };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
