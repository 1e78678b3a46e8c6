import { ok } from "node:assert/strict";
import { lookAt, type Vec3 } from "../../lib/geometry/mod.ts";
import { drawPrior, paintBody } from "../../lib/prior/mod.ts";
import { ballMesh, RADIUS } from "../support/ball.ts";

const SIDE = 96;
const front = lookAt([0, 0, 3], [0, 0, 0], { width: SIDE, height: SIDE, fovYDegrees: 24 });
const pose = { pose: new Float32Array(72), translation: [0, 0, 0] as const };

/** Where the ray of a pixel meets the ball: its normal there. */
function normalAt(x: number, y: number): Vec3 | undefined {
  const d = [(x + 0.5 - front.cx) / front.fx, -(y + 0.5 - front.cy) / front.fy, -1];
  const [a, b, c] = [d[0] ** 2 + d[1] ** 2 + 1, 3 * d[2], 9 - RADIUS ** 2];
  if (b * b < a * c) return undefined;
  const t = (-b - Math.sqrt(b * b - a * c)) / a;
  return [d[0] * t / RADIUS, d[1] * t / RADIUS, (3 + d[2] * t) / RADIUS];
}

const lit = (light: Vec3, n: Vec3) => 1 + light[0] * n[0] + light[1] * n[1] + light[2] * n[2];

/** A ball of two colours under a light. */
function picture(light: Vec3) {
  const data = new Uint8Array(SIDE * SIDE * 3), mask = new Uint8Array(SIDE * SIDE);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const normal = normalAt(x, y);
      if (!normal) continue;
      mask[y * SIDE + x] = 255;
      const colour = y % 24 < 12 ? [120, 60, 40] : [40, 110, 90];
      data.set(colour.map((c) => Math.round(c * lit(light, normal))), (y * SIDE + x) * 3);
    }
  }
  const size = { width: SIDE, height: SIDE };
  return { picture: { ...size, data }, mask: { ...size, data: mask } };
}

Deno.test("paintBody: whatever the light in the reference, the person is drawn in the usual one", () => {
  const body = ballMesh();
  const drawn = [[0, 0.4, 0], [0.45, 0.2, 0.1], [-0.3, 0.5, -0.1]].map((light) => {
    const painted = paintBody(body, { ...picture(light as unknown as Vec3), pose, camera: front });
    return drawPrior([{ painted, pose }], front).rgb;
  });
  // The first light is the usual one: its picture comes back, and the others become like it.
  const truth = picture([0, 0.4, 0]).picture.data;
  for (const [which, rgb] of drawn.entries()) {
    const ratios: number[] = [];
    for (let y = 8; y < SIDE; y += 5) {
      for (let x = 8; x < SIDE; x += 5) {
        const normal = normalAt(x, y), at = (y * SIDE + x) * 3;
        if (!normal || normal[2] < 0.6 || y % 24 < 2 || y % 12 > 9) continue;
        ratios.push(rgb[at] / truth[at]);
      }
    }
    // One picture does not say how bright the lamp is.
    const mean = ratios.reduce((sum, ratio) => sum + ratio) / ratios.length;
    const off = ratios.reduce((sum, ratio) => sum + Math.abs(ratio / mean - 1), 0) / ratios.length;
    ok(ratios.length > 40 && off < 0.05, `light ${which}: ${off} off`);
  }
});
