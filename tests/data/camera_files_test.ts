import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { loadCameras, readCameras, writeCameras } from "../../lib/data/mod.ts";
import { InputError } from "../../lib/errors.ts";
import { cameraCentre, lookAt } from "../../lib/geometry/mod.ts";
import { writePng } from "../../lib/io/mod.ts";
import { root } from "../support/commands.ts";
import { namesIn, withFolder } from "../support/folders.ts";
import { ramps } from "../support/pictures.ts";

const realEstate = join(root, "tests/fixtures/geometry/realestate10k.txt");
const track = {
  cameras: [0, 1, 2].map((x) =>
    lookAt([x, 1, 4], [0, 1, 0], { width: 64, height: 48, fovYDegrees: 40 })
  ),
  fps: 10,
};

Deno.test("loadCameras: RealEstate10K at the video's rate and shape, its square pixels kept", async () => {
  const video = { width: 128, height: 128, frames: 4, fps: 24 };
  const { cameras, relative, notices } = await loadCameras(realEstate, video);
  deepEqual([cameras.length, relative], [4, true]);
  // 0.871111 of the height, whatever is cut from the width
  const [{ fx, fy, width, height }] = cameras;
  deepEqual([width, height], [128, 128]);
  ok(Math.abs(fy - 0.871111111 * 128) < 1e-4 && Math.abs(fx / fy - 1) < 1e-6);
  equal(notices.length, 1);
  match(notices[0], /for pictures of 1280×720, the video is 128×128: the view is cut, centred/);
  const short = await loadCameras(realEstate, { ...video, width: 256, height: 144, frames: 9 });
  match(short.notices.join("\n"), /^"[^"]*" has 5 cameras, too few .*: the last is held$/);
});

Deno.test("readCameras: a NeRF's size is its first picture's, where that is there", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "transforms.json");
    await writeCameras(path, track, "nerf");
    const json = JSON.parse(await Deno.readTextFile(path));
    for (const name of ["w", "h", "fl_x", "fl_y", "cx", "cy", "camera_angle_y"]) delete json[name];
    json.frames[0].file_path = "./images/r_0";
    await Deno.writeTextFile(path, JSON.stringify(json));
    await rejects(
      readCameras(path),
      (error: Error) =>
        error instanceof InputError && /frames\.0: w and h are missing/.test(error.message),
    );
    const asked = await readCameras(path, { size: { width: 32, height: 24 } });
    ok(Math.abs(asked.cameras[0].fx - track.cameras[0].fx / 2) < 1e-9);
    await Deno.mkdir(join(folder, "images"));
    await writePng(join(folder, "images/r_0.png"), ramps({ width: 128, height: 96, count: 1 }));
    const seen = await readCameras(path, { size: { width: 32, height: 24 } });
    deepEqual([seen.cameras[0].width, seen.cameras[0].height], [128, 96]);
    ok(Math.abs(seen.cameras[0].fx - track.cameras[0].fx * 2) < 1e-9);
  });
});

Deno.test("readCameras: the content decides, not the name; a kind that is named is tried alone", async () => {
  await withFolder(async (folder) => {
    for (const format of ["nerf", "realestate10k", "isa4d-cameras"] as const) {
      const path = join(folder, `${format}.dat`);
      await writeCameras(path, track, format);
      const { cameras } = await readCameras(path, { size: { width: 64, height: 48 } });
      cameraCentre(cameras[1]).forEach((value, axis) =>
        ok(Math.abs(value - [1, 1, 4][axis]) < 1e-9)
      );
    }
    await rejects(readCameras(join(folder, "nerf.dat"), { format: "realestate10k" }), /line 2 has/);
    await rejects(readCameras(realEstate, { format: "nerf" }), /not JSON/);
    deepEqual(namesIn(folder), ["isa4d-cameras.dat", "nerf.dat", "realestate10k.dat"]);
  });
});
