import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { bodyPoints, projectPoints, surfaceSamples } from "../../../lib/geometry/mod.ts";
import { probeVideo, readImage } from "../../../lib/io/mod.ts";
import type { IsaDitConditions } from "../../../lib/models/isa_dit/mod.ts";
import type { SceneClip } from "../../../lib/pipelines/sampling/encode_pictures.ts";
import { encodeConditions } from "../../../lib/pipelines/sampling/encode_conditions.ts";
import { tracksOf } from "../../../lib/pipelines/sampling/condition_maker.ts";
import { fillCamera, fillFrames } from "../../../lib/pipelines/codec/filling.ts";
import { parseJob } from "../../../lib/pipelines/job/mod.ts";
import { disposeAll, liveTensors, toBytes } from "../../../lib/tensor/mod.ts";
import { findWeights, loadScene, Models } from "../../../lib/pipelines/mod.ts";
import { isa4d } from "../../support/cli.ts";
import { namesIn, withFolder } from "../../support/folders.ts";
import { smallJob, writeJobFiles } from "../../support/job_files.ts";

/** The smallest models work in squares of 16 pixels. */
const [small, large] = [{ width: 42, height: 26 }, { width: 48, height: 32 }];

async function sceneIn(folder: string, persons: readonly string[] = ["builtin:walk"]) {
  const job = parseJob({
    reference: { image: join(folder, "me.png"), pose: join(folder, "me.json") },
    persons: persons.map((motion) => ({ motion })),
    ...{ ...small, frames: 6, weights: join(folder, "weights"), output: "-" },
  });
  const weights = await findWeights(job.weights);
  return { weights, scene: await loadScene(job, { bodyPath: weights.body }) };
}

/** The geometry and the pictures of conditions, as bytes. */
function told(conditions: IsaDitConditions): Record<string, Uint8Array | undefined> {
  const { points, pointsNdc, plucker, reference, background, pointVisible } = conditions;
  const all = { points, pointsNdc, plucker, reference, background, pointVisible };
  return Object.fromEntries(
    Object.entries(all).map(([name, tensor]) => [name, tensor && toBytes(tensor)]),
  );
}

Deno.test("a clip whose size does not divide is told as the larger picture, filled up by its edges", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const { weights, scene } = await sceneIn(folder);
    const behind = Uint8Array.from({ length: 42 * 26 * 3 }, (_, i) => (i * i) % 251);
    const live = liveTensors();
    {
      using models = await Models.load(weights);
      const encode = async (clip: Omit<SceneClip, "body">) => {
        const conditions = await encodeConditions(models, { body: scene.body, ...clip });
        const bytes = told(conditions);
        disposeAll(conditions);
        return bytes;
      };
      const { persons: [person], cameras } = scene;
      const given = await encode({ ...scene, ...small, background: Array(6).fill(behind) });
      // The same by hand: pixel (x, y) of the larger picture is the nearest one that there is.
      const fill = (data: Uint8Array) =>
        Uint8Array.from({ length: 48 * 32 * 3 }, (_, i) => {
          const [x, y] = [Math.floor(i / 3) % 48, Math.floor(i / 3 / 48)];
          return data[(Math.min(y, 25) * 42 + Math.min(x, 41)) * 3 + i % 3];
        });
      const { picture, known } = person.reference;
      const reference = {
        picture: { ...picture, ...large, data: fill(picture.data) },
        known: known && { ...known, camera: { ...known.camera, ...large } },
      };
      const byHand = await encode({
        persons: [{ ...person, reference }],
        cameras: cameras.map((camera) => ({ ...camera, ...large })),
        ...large,
        background: Array(6).fill(fill(behind)),
      });
      deepEqual(given, byHand);
    }
    equal(liveTensors(), live);
  }));

Deno.test("filled up, every point lies on the pixel where it lay, and what is filled in shows nobody", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const { scene: { body, cameras, persons } } = await sceneIn(folder);
    const samples = surfaceSamples(body, 64);
    const size = { width: 160, height: 128 };
    const filled = cameras.map((camera) => fillCamera(camera, size));
    const { points, pointsNdc, P } = bodyPoints(body, samples, tracksOf(persons, size), {
      cameras: filled,
      temporalFactor: 4,
      order: [0],
    });
    // Points are relative to the pelvis of frame 0; any point of that body gives it back.
    const { joints } = body.pose(persons[0].poses[0]);
    const world = points.map((value, i) => value + joints[i % 3]);
    const { uv } = projectPoints(cameras[0], world);
    for (let i = 0; i < P; i++) {
      const x = (pointsNdc[i * 3] + 1) * size.width / 2;
      const y = (pointsNdc[i * 3 + 1] + 1) * size.height / 2;
      ok(Math.hypot(x - uv[i * 2], y - uv[i * 2 + 1]) < 1e-3, `${[x, y]}, ${uv[i * 2]}`);
    }
    // A reference that shows the left half of the person: the other half is not seen in the filling.
    const { reference } = persons[0];
    const { body: stands, camera } = reference.known!;
    const half = { ...camera, width: 2 * Math.round(camera.cx / 2) };
    const seen = (known: { body: typeof stands; camera: typeof camera }) => {
      const tracks = tracksOf([{ ...persons[0], reference: { ...reference, known } }], size);
      const { referenceUv, referenceVisible } = bodyPoints(body, samples, tracks, {
        cameras: filled,
        temporalFactor: 4,
        order: [0],
      });
      return Array.from(referenceVisible, (flag, i) => flag ? (referenceUv[i * 2] + 1) * 80 : -1)
        .filter((x) => x >= 0);
    };
    const [all, left] = [seen({ body: stands, camera }), seen({ body: stands, camera: half })];
    ok(left.length > 5 && left.length < all.length, `${left.length} of ${all.length}`);
    ok(left.every((x) => x <= half.width + 0.5), `${Math.max(...left)} in ${half.width}`);
  }));

Deno.test("fillFrames: a picture of the right size is handed on as it is", () => {
  const frames = [new Uint8Array(3)];
  const size = { width: 1, height: 1 };
  equal(fillFrames(frames, { from: size, to: size }), frames);
});

const jobs: readonly [name: string, frames: number, args: readonly string[]][] = [
  ["one frame", 1, []],
  ["two frames", 2, ["--background", "me.png"]],
  ["eighteen frames in tiles and windows", 18, ["--vae-tiling", "32", "--window", "9"]],
];

for (const [name, frames, args] of jobs) {
  Deno.test(`isa4d generate: 70×50, ${name}, comes out so`, () =>
    withFolder(async (folder) => {
      await writeJobFiles(folder);
      const size = ["-W", "70", "-H", "50", "--frames", `${frames}`];
      const made = await isa4d(
        [...smallJob, ...size, ...args, "-o", "p/%02d.png", "--save-latents", "l.safetensors"],
        { cwd: folder },
      );
      equal(made.code, 0, made.stderr);
      const names = namesIn(join(folder, "p")).filter((name) => name.endsWith(".png"));
      equal(names.length, frames);
      const last = await readImage(join(folder, "p", names.at(-1)!));
      deepEqual([last.width, last.height], [70, 50]);
      const vae = "./weights/video_vae.safetensors";
      const decode = ["decode", "l.safetensors", "--weights", vae, "-o", "again.mp4"];
      const again = await isa4d(decode, { cwd: folder });
      equal(again.code, 0, again.stderr);
      const { width, height } = await probeVideo(join(folder, "again.mp4"));
      deepEqual([width, height], [70, 50]);
    }));
}

Deno.test("isa4d grid and --matte: 34×50 comes out so", () =>
  withFolder(async (folder) => {
    await writeJobFiles(folder);
    const size = ["-W", "34", "-H", "50", "--frames", "2"];
    const grid = ["grid", ...smallJob.slice(1), ...size, "--views", "2", "-o", "g.mp4"];
    const made = await isa4d(grid, { cwd: folder });
    equal(made.code, 0, made.stderr);
    const given = ["--given-view", "1=g-view-0.mp4", "--views", "2"];
    const again = await isa4d([...grid.slice(0, -4), ...given, "-o", "h.mp4"], { cwd: folder });
    equal(again.code, 0, again.stderr);
    const view = await probeVideo(join(folder, "h-view-1.mp4"));
    const mosaic = await probeVideo(join(folder, "g.mp4"));
    deepEqual([view.width, view.height, mosaic.width, mosaic.height], [34, 50, 68, 50]);
    const matte = [...smallJob, ...size, "-o", "a.mp4", "--matte", "m/%02d.png"];
    const cut = await isa4d(matte, { cwd: folder });
    equal(cut.code, 0, cut.stderr);
    const { width, height } = await readImage(join(folder, "m", "02.png"));
    deepEqual([width, height], [34, 50]);
  }));
