import { ok } from "node:assert/strict";
import { readBody } from "../../lib/data/mod.ts";
import { type BodyMesh, samplePoints, surfaceSamples } from "../../lib/geometry/mod.ts";

const body = await readBody();
const spots = surfaceSamples(body, 256);

/** A body whose rest pose is another one's shape; it borrows its spots from the own body. */
function other(shape: number[], change: (vertex: number[]) => number[] = (v) => v): BodyMesh {
  const { vertices, joints } = body.pose({ pose: new Float32Array(72), shape });
  const moved = (values: Float32Array) => {
    const rows = Array.from({ length: values.length / 3 }, (_, i) => [
      ...values.subarray(i * 3, i * 3 + 3),
    ]);
    return Float32Array.from(rows.flatMap(change));
  };
  return { ...body, template: moved(vertices), restJoints: moved(joints), spotSource: body };
}

/** Distances, sorted, from where spots land on a body to where the same skin is there. */
function misses(on: BodyMesh): number[] {
  const landed = samplePoints(on, on.template, surfaceSamples(on, 256));
  const wanted = samplePoints(on, on.template, spots);
  return Array.from(
    { length: 256 },
    (_, i) => Math.hypot(...[0, 1, 2].map((axis) => landed[i * 3 + axis] - wanted[i * 3 + axis])),
  ).sort((a, b) => a - b);
}

Deno.test("carrySpots: on the same body every spot stays where it is", () => {
  ok(misses(other([]))[255] < 1e-6);
});

Deno.test("carrySpots: where the body's origin is does not matter", () => {
  ok(misses(other([], ([x, y, z]) => [x, y - 1.2, z + 0.03]))[255] < 1e-5);
});

Deno.test("carrySpots: on another build each spot is on the same place of the person", () => {
  for (const shape of [[2, -1.5, 1.2, 2, -2], [-2, 1, -1, -2, 2, 2]]) {
    const distances = misses(other(shape));
    ok(distances[128] < 0.025, `median ${distances[128]} m`);
    ok(distances[255] < 0.08, `largest ${distances[255]} m`);
  }
});
