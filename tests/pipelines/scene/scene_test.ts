import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { bodyPath } from "../../../lib/data/mod.ts";
import {
  cameraCentre,
  coverCamera,
  formatCameras,
  lookAt,
  projectPoints,
} from "../../../lib/geometry/mod.ts";
import { writePng } from "../../../lib/io/mod.ts";
import { parseJob } from "../../../lib/pipelines/job/mod.ts";
import { bodyPicture } from "../../../lib/preview/mod.ts";
import { formatPose, loadScene } from "../../../lib/pipelines/mod.ts";
import { withFolder } from "../../support/folders.ts";
import { ramps } from "../../support/pictures.ts";

const camera = lookAt([0, 1, 4], [0, 1, 0], { width: 80, height: 40, fovYDegrees: 40 });

/** A scene of one person; the reference is 80×40. */
async function scene(change: object = {}) {
  let loaded: Awaited<ReturnType<typeof loadScene>> | undefined;
  const notices: string[] = [];
  await withFolder(async (folder) => {
    const [image, pose] = [join(folder, "me.png"), join(folder, "me.json")];
    await writePng(image, ramps({ width: 80, height: 40, count: 1 }));
    const body = { pose: new Float32Array(72), translation: [0, 0, 0] as const };
    await Deno.writeTextFile(pose, formatPose(body, JSON.parse(formatCameras([camera]))));
    await Deno.writeTextFile(
      join(folder, "cams.json"),
      formatCameras([camera, camera], { fps: 8 }),
    );
    const job = parseJob({
      reference: { image, pose },
      persons: [{ motion: "builtin:walk" }],
      ...{ width: 128, height: 128, frames: 9, fps: 8 },
      output: "-",
      ...change,
      ...("camera" in change && change.camera === "FILE"
        ? { camera: join(folder, "cams.json") }
        : {}),
    });
    loaded = await loadScene(job, { bodyPath, onNotice: (text) => notices.push(text) });
  });
  return { ...loaded!, notices };
}

Deno.test("scene: a picture cut to cover keeps each point on its pixel", () => {
  // From 80×40 to 64×64: scaled by 1.6, 32 columns cut on both sides.
  const covered = coverCamera(camera, { width: 64, height: 64 });
  const point = Float32Array.of(0.3, 1.2, 0.1);
  const [before, after] = [projectPoints(camera, point).uv, projectPoints(covered, point).uv];
  ok(Math.abs(after[0] - (before[0] * 1.6 - 32)) < 1e-3);
  ok(Math.abs(after[1] - before[1] * 1.6) < 1e-3);
});

Deno.test("scene: a camera file of another picture size, scaled or cut; the last one is held", async () => {
  const { cameras, notices } = await scene({ camera: "FILE", width: 160, height: 80 });
  equal(cameras.length, 9);
  equal(cameras[8].fx, camera.fx * 2);
  ok(notices.some((text) => /has 2 cameras, too few/.test(text)));
  const cut = await scene({ camera: "FILE", width: 128, height: 128 });
  ok(cut.notices.some((text) => /for pictures of 80×40, the video is 128×128: .* cut/.test(text)));
  equal(cut.cameras[0].fx, camera.fx * 128 / 40);
  equal(cut.cameras[0].cx, 64);
});

Deno.test("scene: cameras of no known place begin in front of the person and move as told", async () => {
  const path = [0, 0.5].map((x) =>
    lookAt([7 + x, -3, 9], [x, 0, 0], { width: 64, height: 64, fovYDegrees: 40 })
  );
  await withFolder(async (folder) => {
    const file = join(folder, "relative.json");
    await Deno.writeTextFile(file, formatCameras(path, { fps: 1, relative: true }));
    const change = { camera: file, follow: false, frames: 9, fps: 8 };
    const { cameras, body, persons, notices } = await scene(change);
    ok(notices.some((text) => /not where they are: the first one is placed in front/.test(text)));
    const { uv } = projectPoints(cameras[0], body.pose(persons[0].poses[0]).vertices);
    ok(uv.every((value) => value > 0 && value < 128));
    const [a, b] = [cameraCentre(cameras[0]), cameraCentre(cameras[8])];
    ok(Math.abs(Math.hypot(...a.map((value, axis) => value - b[axis])) - 0.5) < 1e-6);
    ok(Math.abs(cameras[0].fy - 2 * path[0].fy) < 1e-9);
    const me = join(folder, "me.png");
    await writePng(me, ramps({ width: 80, height: 40, count: 1 }));
    const pose = join(folder, "me.json");
    await Deno.writeTextFile(
      pose,
      formatPose({ pose: new Float32Array(72), translation: [0, 0, 0] }, undefined),
    );
    const refused = await scene({ reference: { image: me, pose, camera: file } })
      .catch((error: Error) => error.message);
    match(String(refused), /as the camera of .*: it does not say where its cameras stand$/);
  });
});

Deno.test("scene: a named path goes along with a walker, and stays without follow", async () => {
  const [along, stays] = [await scene(), await scene({ follow: false })];
  const way = (cameras: typeof along.cameras) => {
    const [a, b] = [cameraCentre(cameras[0]), cameraCentre(cameras[8])];
    return Math.hypot(a[0] - b[0], a[2] - b[2]);
  };
  ok(way(along.cameras) > 0.8, `${way(along.cameras)} m`);
  equal(way(stays.cameras), 0);
  // The body stays inside the picture all the same.
  for (const [frame, view] of along.cameras.entries()) {
    const { vertices } = along.body.pose(along.persons[0].poses[frame]);
    const { uv } = projectPoints(view, vertices);
    ok(uv.every((value) => value > 0 && value < 128));
  }
});

Deno.test("scene: an offset moves the person by as much", async () => {
  const [plain, moved] = [
    await scene({ follow: false }),
    await scene({ persons: [{ motion: "builtin:walk", offset: [1, 0, -0.5] }], follow: false }),
  ];
  const [a, b] = [plain, moved].map(({ persons }) => persons[0].poses[4].translation);
  deepEqual(b.map((value, axis) => Math.round((value - a[axis]) * 1e4) / 1e4), [1, 0, -0.5]);
});

Deno.test("scene: the body is drawn as normals where it stands, towards the viewer in blue", async () => {
  const { body, persons, cameras } = await scene();
  const picture = bodyPicture(body, [persons[0].poses[0]], cameras[0]);
  const pelvis = body.pose(persons[0].poses[0]).joints.subarray(0, 3);
  const { uv } = projectPoints(cameras[0], Float32Array.from(pelvis));
  const at = (Math.floor(uv[1]) * 128 + Math.floor(uv[0])) * 3;
  ok(picture[at + 2] > 180, `blue ${picture[at + 2]}`);
  deepEqual([...picture.subarray(0, 3)], [24, 24, 24]);
});
