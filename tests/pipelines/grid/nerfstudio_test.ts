import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import {
  cameraCentre,
  type CameraPath,
  lookAt,
  parseCameraText,
  projectPoints,
} from "../../../lib/geometry/mod.ts";
import { type Origin, readImage, readXmp, SpooledClip } from "../../../lib/io/mod.ts";
import { nerfstudioFiles, writeNerfstudio } from "../../../lib/pipelines/grid/nerfstudio.ts";
import { withFolder } from "../../support/folders.ts";

const size = { width: 32, height: 16, fovYDegrees: 50 } as const;
const frames = 3;

/** Two views that go around and up, so that no axis may be mistaken for another. */
const cameras: readonly CameraPath[] = [0, 1].map((view) =>
  Array.from(
    { length: frames },
    (_, frame) =>
      lookAt([3 * Math.sin(view + frame / 4), 1 + frame / 3, 4 - view], [0.2, 0.9, 0.1], size),
  )
);

const origin: Origin = {
  ...{ sourceType: "trainedAlgorithmicMedia", creatorTool: "isa4d 0", ingredients: [] },
};

async function clipOf(view: number): Promise<SpooledClip> {
  const pictures = Array.from(
    { length: frames },
    (_, frame) => new Uint8Array(32 * 16 * 3).fill(100 * view + 10 * frame),
  );
  return await SpooledClip.fill({ ...size, fps: 8, frames: pictures });
}

Deno.test("nerfstudio: each picture stands by its camera and time, all of them and by instant", () =>
  withFolder(async (folder) => {
    using first = await clipOf(0);
    using second = await clipOf(1);
    const origins = [origin, undefined];
    const written = await writeNerfstudio(folder, { clips: [first, second], cameras, origins });
    deepEqual(
      written.map((path) => path.slice(folder.length + 1)),
      ["transforms.json", ...[1, 2, 3].map((n) => `transforms-000${n}.json`)],
    );
    for (const name of nerfstudioFiles({ views: 2, frames })) {
      ok((await Deno.stat(join(folder, name))).isFile, name);
    }
    const all = JSON.parse(await Deno.readTextFile(written[0]));
    deepEqual(all.frames.map(({ time }: { time: number }) => time), [0, 0, 0.5, 0.5, 1, 1]);
    for (const [at, { file_path }] of all.frames.entries()) {
      const [frame, view] = [Math.floor(at / 2), at % 2];
      equal(file_path, `images/view-${view}/000${frame + 1}.png`);
      const { data } = await readImage(join(folder, file_path), { minSide: 1 });
      equal(data[0], 100 * view + 10 * frame);
    }
    // Read by the reader of anybody's files: the same point falls on the same pixel.
    for (const [instant, path] of written.slice(1).entries()) {
      const track = parseCameraText(await Deno.readTextFile(path), path);
      equal(track.cameras.length, 2);
      for (const [view, camera] of track.cameras.entries()) {
        const own = cameras[view][instant];
        cameraCentre(camera).forEach((x, k) => ok(Math.abs(x - cameraCentre(own)[k]) < 1e-6));
        const point = new Float32Array([0.3, 1.2, -0.1]);
        const [there, here] = [camera, own].map((one) => projectPoints(one, point).uv);
        deepEqual(
          Array.from(there).map((x) => x.toFixed(3)),
          Array.from(here).map((x) => x.toFixed(3)),
        );
      }
    }
    equal((await readXmp(join(folder, "images/view-0/0001.png")))?.creatorTool, "isa4d 0");
    equal(await readXmp(join(folder, "images/view-1/0001.png")), undefined);
  }));
