import { equal, ok } from "node:assert/strict";
import { readBody } from "../../lib/data/mod.ts";
import { bodyPoints, lookAt, surfaceSamples } from "../../lib/geometry/mod.ts";

const body = await readBody();
const samples = surfaceSamples(body, 48);
const camera = lookAt([0, 1, 4], [0, 0.9, 0], { width: 64, height: 64, fovYDegrees: 40 });

/** Points in front, by person, for two who stand at these places. */
function inFront(a: readonly [number, number, number], b: readonly [number, number, number]) {
  const persons = [a, b].map((translation) => ({
    poses: [{ pose: new Float32Array(72), translation }],
  }));
  const told = bodyPoints(body, samples, persons, { cameras: [camera], temporalFactor: 4 });
  // The first latent repeats its one pose.
  for (let k = 1; k < 4; k++) {
    for (let i = 0; i < 96; i++) equal(told.inFront[k * 96 + i], told.inFront[i]);
  }
  const count = (person: number) =>
    told.inFront.subarray(person * 48, person * 48 + 48).filter((front) => front === 1).length;
  return [count(0), count(1)];
}

Deno.test("body conditions: whom another person covers has no points where that one stands", () => {
  const [front, behind] = inFront([0, 0, 0.8], [0, 0, -0.8]);
  equal(front, 48);
  ok(behind < 20, `${behind} of 48 points behind`);
  const [first, second] = inFront([0, 0, -0.8], [0, 0, 0.8]);
  ok(first < 20 && second === 48, "whoever is first in the list, the nearer one covers");
});

Deno.test("body conditions: side by side nobody covers anybody, and nobody covers the own back", () => {
  const [left, right] = inFront([-1.2, 0, 0], [1.2, 0, 0]);
  equal(left + right, 96);
});
