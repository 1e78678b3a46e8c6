import { ok } from "node:assert/strict";
import { readBody } from "../../lib/data/mod.ts";
import { lookAt, projectPoints, Random, seenByOther } from "../../lib/geometry/mod.ts";

const body = await readBody();

Deno.test("seenByOther: another camera sees the body where the first one does, turned alike", () => {
  const random = new Random(3);
  const pose = {
    pose: Float32Array.from({ length: 72 }, () => 0.2 * random.normal()),
    translation: [0.4, 0.1, -0.3] as const,
    shape: Float32Array.of(1, -1, 0.5, 0, 0, 0, 0, 0, 0, 0),
  };
  const size = { width: 320, height: 240 };
  const from = lookAt([0, 1.5, 4], [0, 1, 0], { ...size, fovYDegrees: 40 });
  const to = lookAt([2, 0.4, -3], [0.5, 1, 0], { ...size, fovYDegrees: 40, roll: 0.2 });
  const far = lookAt([2, 0.4, -3], [0.5, 1, 0], { ...size, fovYDegrees: 30, roll: 0.2 });
  const seen = (camera: typeof from, other: typeof pose) =>
    projectPoints(camera, body.pose(other).vertices).uv;
  const apart = (camera: typeof from): number => {
    const other = seen(camera, seenByOther(body, pose, { from, to: camera }) as typeof pose);
    return Math.max(...seen(from, pose).map((value, i) => Math.abs(value - other[i])));
  };
  ok(apart(to) < 1e-2, `${apart(to)} pixels`);
  ok(apart(far) < 12, `${apart(far)} pixels by perspective`);
});
