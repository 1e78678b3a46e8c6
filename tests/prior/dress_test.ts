import { deepEqual, ok } from "node:assert/strict";
import { readBody, renderReference } from "../../lib/data/mod.ts";
import { lookAt } from "../../lib/geometry/mod.ts";
import { drawPrior, paintBody } from "../../lib/prior/mod.ts";
import { ballMesh, RADIUS } from "../support/ball.ts";

const SIDE = 128;
const front = lookAt([0, 0, 4], [0, 0, 0], { width: SIDE, height: SIDE, fovYDegrees: 22 });
const pose = { pose: new Float32Array(72), translation: [0, 0, 0] as const };

/** The mask of a ball of this radius: inside the cone that touches it. */
function discOf(radius: number): Uint8Array {
  const outline = front.fx * radius / Math.sqrt(16 - radius ** 2);
  return Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [x, y] = [i % SIDE + 0.5 - SIDE / 2, Math.floor(i / SIDE) + 0.5 - SIDE / 2];
    return Math.hypot(x, y) < outline ? 255 : 0;
  });
}

const grey = { width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE * 3).fill(99) };

Deno.test("paintBody: a body grows and shrinks to its mask, all around", () => {
  const ball = ballMesh();
  for (const more of [0.04, 0.02, -0.015]) {
    const mask = { width: SIDE, height: SIDE, data: discOf(RADIUS + more) };
    const { offsets } = paintBody(ball, { picture: grey, pose, camera: front, mask });
    const far = offsets!.filter((by) => Math.abs(by - more) > 0.006);
    deepEqual([...far], [], `${more} m: ${offsets!.slice(0, 5)}`);
  }
});

Deno.test("paintBody: without a mask nothing stands off the body", () => {
  const { offsets, dress } = paintBody(ballMesh(), { picture: grey, pose, camera: front });
  deepEqual([offsets, dress.shells], [undefined, []]);
});

Deno.test("paintBody: hair and skirt of the reference are worn", async () => {
  const body = await readBody();
  const wears = (seed: number) => {
    const size = { width: 192, height: 192 };
    const { reference, referenceMask, referencePose, referenceCamera } = renderReference(body, {
      seed,
      ...size,
    });
    const painted = paintBody(body, {
      picture: reference,
      pose: referencePose,
      camera: referenceCamera,
      mask: { ...size, data: referenceMask },
    });
    const { coverage } = drawPrior([{ painted, pose: referencePose }], referenceCamera);
    let both = 0, any = 0;
    for (const [at, inside] of referenceMask.entries()) {
      if (inside && coverage[at] >= 128) both++;
      if (inside || coverage[at] >= 128) any++;
    }
    ok(both / any > 0.955, `seed ${seed}: IoU ${both / any}`);
    return painted.dress;
  };
  // Trousers and no hair; a skirt down to 0.42 m and long hair.
  deepEqual(wears(11).shells, []);
  const { shells, hem } = wears(18);
  deepEqual(shells, ["hair_cap", "hair_bob", "hair_long", "skirt"]);
  ok(Math.abs(hem! - 0.42) < 0.05, `${hem}`);
});
