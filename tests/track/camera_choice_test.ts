import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { writeCameras } from "../../lib/data/mod.ts";
import { lookAt, projectPoints } from "../../lib/geometry/mod.ts";
import type { CameraMotion } from "../../lib/perception/mod.ts";
import { cameraJudge } from "../../lib/track/clip/camera_choice.ts";
import { packMask, unpackMask } from "../../lib/track/mask_runs.ts";
import { withFolder } from "../support/folders.ts";

const size = { width: 64, height: 48 };
const clip = { ...size, fps: 8, frames: 3 };
const lens = { ...size, fovYDegrees: 50 };
/** A camera that slides to the right, as its pictures tell. */
const found: CameraMotion = {
  ...{ kind: "moving", says: "", agreement: [1, 1, 1] },
  homographies: [0, 2, 4].map((x) => Float64Array.of(1, 0, x, 0, 1, 0, 0, 0, 1)),
};

Deno.test("--camera: what somebody says of a camera takes the place of what is seen", async () => {
  equal((await cameraJudge("auto"))(found, clip), found);
  const still = (await cameraJudge("still"))(found, clip);
  deepEqual([still.kind, still.rotations], ["still", undefined]);
  ok(still.homographies.every((h) => h[2] === 0));
  const turning = (await cameraJudge("turning"))(found, clip);
  equal(turning.kind, "turning");
  match(turning.says, /misses what was seen by \d+ pixels/);
  // A picture that moves to the right is seen by a camera that turns to the left.
  ok(turning.rotations!.length === 3 && turning.rotations![2][2] > 0);
});

Deno.test("--camera file: turns show pixels where the cameras do; cameras that move are refused", () =>
  withFolder(async (folder) => {
    const path = join(folder, "cameras.json");
    const cameras = [0, 0.1, 0.2].map((x) => lookAt([0, 1, 3], [x, 1, 0], lens));
    await writeCameras(path, { cameras, fps: 8 });
    const { focal, homographies } = (await cameraJudge(path))(found, clip);
    ok(Math.abs(focal! - cameras[0].fx) < 1e-6);
    const point = Float32Array.of(0.3, 1.2, 0);
    const [from, to] = [cameras[0], cameras[2]].map((camera) => projectPoints(camera, point).uv);
    // Homographies count from the middles of pixels.
    const [x, y] = [from[0] - 0.5, from[1] - 0.5];
    const h = homographies[2];
    const z = h[6] * x + h[7] * y + h[8];
    ok(Math.hypot((h[0] * x + h[1] * y + h[2]) / z + 0.5 - to[0]) < 0.01);
    ok(Math.hypot((h[3] * x + h[4] * y + h[5]) / z + 0.5 - to[1]) < 0.01);
    const moving = [0, 0.5, 1].map((x) => lookAt([x, 1, 3], [x, 1, 0], lens));
    await writeCameras(path, { cameras: moving, fps: 8 });
    await rejects(cameraJudge(path), /move through space by 1\.00 m: only those that stay/);
  }));

Deno.test("masks: runs give a mask back to a sixteenth of its range", () => {
  const data = Uint8Array.from({ length: 64 * 48 }, (_, i) => i % 64 < 20 ? 0 : i * 7 % 256);
  const { data: back } = unpackMask(packMask({ ...size, data }), size);
  ok(data.every((value, i) => Math.abs(value - back[i]) <= 8));
  deepEqual(packMask({ ...size, data: new Uint8Array(64 * 48) }), Uint16Array.of(0, 3072));
});
