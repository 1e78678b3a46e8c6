/**
 * Which part of the body each vertex of a clothed mesh belongs to: what is near counts, and that
 * vertices across an edge belong to parts that are near each other (α-expansion, Boykov et al. 2001).
 * @module
 */
import { JOINT_NAMES } from "../lib/geometry/mod.ts";
import { FlowGraph } from "./min_cut.ts";

/** Parts, each with the joints that move it and the part that it hangs on. */
const PARTS: readonly (readonly [joints: RegExp, parent: number])[] = [
  [/^(?:pelvis|spine1)$/, -1],
  [/^(?:spine[23]|\w+_collar)$/, 0],
  [/^(?:neck|head)$/, 1],
  ...["left", "right"].flatMap((side, i): [RegExp, number][] => [
    [RegExp(`^${side}_shoulder$`), 1],
    [RegExp(`^${side}_elbow$`), 3 + i * 6],
    [RegExp(`^${side}_(?:wrist|hand)$`), 4 + i * 6],
    [RegExp(`^${side}_hip$`), 0],
    [RegExp(`^${side}_knee$`), 6 + i * 6],
    [RegExp(`^${side}_(?:ankle|foot)$`), 7 + i * 6],
  ]),
];

/** How many parts there are. */
export const PART_COUNT = PARTS.length;

/** The part that a joint moves. */
export const partOfJoint: readonly number[] = JOINT_NAMES.map((name) =>
  PARTS.findIndex(([joints]) => joints.test(name))
);

/** Metres that an edge costs for each step between its ends' parts. */
const APART = 0.12;
/** Times that every part is tried. */
const SWEEPS = 4;

/** Steps from part to part over the body. */
const steps: readonly (readonly number[])[] = PARTS.map((_, a) => PARTS.map((_, b) => between(a, b)));

function between(a: number, b: number): number {
  const up = (part: number): number[] => part < 0 ? [] : [part, ...up(PARTS[part][1])];
  const [from, to] = [up(a), up(b)];
  const meet = from.find((part) => to.includes(part))!;
  return from.indexOf(meet) + to.indexOf(meet);
}

/** Whether parts are the same or touch. */
export function touch(a: number, b: number): boolean {
  return steps[a][b] <= 1;
}

/**
 * The part of each vertex, from what each part costs it, [V*PART_COUNT] metres; `edges` are pairs of
 * vertices.
 */
export function chooseParts(
  costs: Float32Array,
  edges: readonly (readonly [number, number])[],
): Uint8Array {
  const parts = Uint8Array.from({ length: costs.length / PART_COUNT }, (_, v) => {
    const own = costs.subarray(v * PART_COUNT, (v + 1) * PART_COUNT);
    return own.indexOf(Math.min(...own));
  });
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const before = parts.join();
    for (let part = 0; part < PART_COUNT; part++) expand(parts, part, costs, edges);
    if (parts.join() === before) break;
  }
  return parts;
}

/** Gives to `part` the vertices that it is cheapest to give to it, all at once. */
function expand(
  parts: Uint8Array,
  part: number,
  costs: Float32Array,
  edges: readonly (readonly [number, number])[],
): void {
  const count = parts.length, source = count, sink = count + 1;
  const graph = new FlowGraph(count + 2);
  // What it costs a vertex to change, less what it costs to stay.
  const change = Float64Array.from(parts, (own, v) =>
    costs[v * PART_COUNT + part] - costs[v * PART_COUNT + own]);
  for (const [a, b] of edges) {
    const both = APART * steps[parts[a]][parts[b]];
    const onlyB = APART * steps[parts[a]][part], onlyA = APART * steps[part][parts[b]];
    change[a] += onlyA - both;
    change[b] -= onlyA;
    graph.connect(a, b, onlyA + onlyB - both);
  }
  change.forEach((cost, v) => {
    if (cost > 0) graph.connect(source, v, cost);
    else graph.connect(v, sink, -cost);
  });
  const stays = graph.sourceSide(source, sink);
  for (let v = 0; v < count; v++) if (!stays[v]) parts[v] = part;
}
