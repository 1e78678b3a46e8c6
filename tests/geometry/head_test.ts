import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { readBody } from "../../lib/data/mod.ts";
import { InputError } from "../../lib/errors.ts";
import {
  type BodyMesh,
  bodyPoints,
  lookAt,
  samplePoints,
  surfaceSamples,
} from "../../lib/geometry/mod.ts";

const whole = await readBody();

/** The body above a height alone, as FLAME is a head alone. */
function above(height: number): BodyMesh {
  const hidden = whole.partNames.indexOf("inside");
  const faceParts = whole.faceParts.map((part, face) =>
    whole.template[whole.faces[face * 3] * 3 + 1] > height ? part : hidden
  );
  return { ...whole, faceParts, spotSource: whole };
}

const chin = whole.restJoints[15 * 3 + 1] - 0.05;

Deno.test("head: it has the whole body's spots of the head in their places, and says which it lacks", () => {
  const head = above(chin);
  const [own, all] = [surfaceSamples(head, 128), surfaceSamples(whole, 128)];
  equal(all.absent, undefined);
  const here = samplePoints(head, head.template, own);
  const there = samplePoints(whole, whole.template, all);
  for (const [i, gone] of own.absent!.entries()) {
    const y = there[i * 3 + 1];
    if (y > chin + 0.01) equal(gone, 0, `spot ${i} at ${y} m`);
    if (y < chin - 0.1) equal(gone, 1, `spot ${i} at ${y} m`);
    if (gone) continue;
    const far = Math.hypot(...[0, 1, 2].map((axis) => here[i * 3 + axis] - there[i * 3 + axis]));
    ok(far <= 0.06, `spot ${i} is ${far} m off`);
  }
});

Deno.test("head: spots that it lacks are hidden from the model in the clip and in the reference", () => {
  const head = above(chin);
  const samples = surfaceSamples(head, 64);
  const pose = { pose: new Float32Array(72), translation: [0, 0, 0] as const };
  const camera = lookAt([0, 1.5, 2], [0, 1.5, 0], { width: 64, height: 64, fovYDegrees: 40 });
  const person = { poses: [pose], reference: { body: pose, camera } };
  const told = bodyPoints(head, samples, [person], {
    cameras: [camera],
    temporalFactor: 4,
  });
  const present = Uint8Array.from(samples.absent!, (gone) => 1 - gone);
  for (let at = 0; at < told.inFront.length; at += 64) {
    deepEqual(told.inFront.subarray(at, at + 64), present);
  }
  ok(told.referenceVisible.every((seen, i) => !seen || present[i % 64]));
  ok(told.referenceVisible.some((seen) => seen));
});

Deno.test("head: next to nothing of a person is refused", () => {
  throws(
    () => surfaceSamples(above(Math.max(...whole.restJoints) + 0.9), 64),
    (error) =>
      error instanceof InputError && /no skin near \d+ of the model's 64/.test(error.message),
  );
});
