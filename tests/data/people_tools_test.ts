import assert from "node:assert/strict";
import { Random } from "../../lib/geometry/mod.ts";
import { chooseParts, PART_COUNT } from "../../weights/make_people_segments.ts";
import { FlowGraph } from "../../weights/min_cut.ts";
import { PointGrid } from "../../weights/point_grid.ts";

Deno.test("PointGrid: finds what trying every point finds", () => {
  const random = new Random(3);
  const points = Float64Array.from({ length: 600 }, () => random.range(-1, 1));
  const grid = new PointGrid(points, 0.13);
  for (let i = 0; i < 100; i++) {
    const at = [0, 1, 2].map(() => random.range(-1.2, 1.2));
    const counts = (point: number) => point % 3 > 0;
    let best = -1, nearest = 0.5;
    for (let point = 0; point < 200; point++) {
      const away = Math.hypot(...at.map((value, k) => value - points[point * 3 + k]));
      if (counts(point) && away < nearest) [best, nearest] = [point, away];
    }
    assert.equal(grid.nearest(at, 0.5, counts), best);
  }
});

Deno.test("FlowGraph: the cut is as cheap as the cheapest of all", () => {
  const random = new Random(8);
  for (let trial = 0; trial < 20; trial++) {
    const nodes = 7;
    const edges = Array.from({ length: 18 }, (): [number, number, number] => [
      random.int(nodes),
      random.int(nodes),
      random.range(0, 2),
    ]);
    const cost = (side: (node: number) => boolean) =>
      edges.reduce((sum, [a, b, room]) => sum + (side(a) && !side(b) ? room : 0), 0);
    let least = Infinity;
    for (let bits = 0; bits < 32; bits++) {
      least = Math.min(
        least,
        cost((node) => node === 0 || (node < 6 && (bits >> (node - 1) & 1) > 0)),
      );
    }
    const graph = new FlowGraph(nodes);
    for (const [a, b, room] of edges) graph.connect(a, b, room);
    const side = graph.sourceSide(0, 6);
    assert.deepEqual([side[0], side[6]], [1, 0]);
    assert.ok(Math.abs(cost((node) => side[node] === 1) - least) < 1e-6);
  }
});

Deno.test("chooseParts: a finger that lies on a hip stays with its hand", () => {
  // A strip from the hand to the finger's tip, which is a little nearer to the trunk.
  const [trunk, hand] = [0, 5];
  const costs = new Float32Array(20 * PART_COUNT).fill(0.17);
  for (let v = 0; v < 20; v++) {
    costs[v * PART_COUNT + hand] = v < 14 ? 0.01 : 0.05;
    costs[v * PART_COUNT + trunk] = v < 14 ? 0.1 : 0.01;
  }
  const edges = Array.from({ length: 19 }, (_, v): [number, number] => [v, v + 1]);
  assert.ok(chooseParts(costs, edges).every((part) => part === hand));
  assert.ok(chooseParts(costs, []).slice(14).every((part) => part === trunk));
});
