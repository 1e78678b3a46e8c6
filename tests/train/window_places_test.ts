import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { join } from "node:path";
import { readBody } from "../../lib/data/mod.ts";
import { builtinMotion, lookAt, motionFrame, Random } from "../../lib/geometry/mod.ts";
import { frameAt, readSafetensors, writeSafetensors } from "../../lib/io/mod.ts";
import { conditionRows, type FrameConditions } from "../../lib/models/isa_dit/mod.ts";
import { findWeights, Models } from "../../lib/pipelines/mod.ts";
import { encodePictures } from "../../lib/pipelines/sampling/encode_pictures.ts";
import { conditionMaker } from "../../lib/pipelines/sampling/condition_maker.ts";
import { disposeAll, liveTensors, scope, toNumbers } from "../../lib/tensor/mod.ts";
import { cacheShard, DitData } from "../../lib/train/mod.ts";
import { withFolder } from "../support/folders.ts";
import { ramps } from "../support/pictures.ts";
import { writeTinyWeights } from "../support/tiny_weights.ts";

const FRAMES = 9;
const size = { width: 32, height: 32 };
const body = await readBody();

/** A walk of two persons; the camera goes its own way on side `side` of them and zooms. */
function clipFrom(side: number, view: number) {
  const motion = builtinMotion("walk", { body, fps: 2, frames: FRAMES });
  const poses = Array.from({ length: FRAMES }, (_, frame) => motionFrame(motion, frame));
  const cameras = poses.map((_, frame) =>
    lookAt([0.3 * frame, 1 + 0.1 * frame, 4 * side], [0.1, 1, 0.3 * frame], {
      ...{ ...size, fovYDegrees: 50 + 2 * frame },
    })
  );
  const picture = ramps({ ...size, count: 1 });
  const persons = [0, 1].map((person) => {
    const own = poses.map(({ pose, translation: [x, y, z] }) => ({
      pose,
      translation: [x + person, y, z] as const,
    }));
    return { poses: own, reference: { picture, known: { body: own[1], camera: cameras[0] } } };
  });
  const frames = ramps({ ...size, count: FRAMES });
  return { frames, background: ramps({ ...size, count: FRAMES, fps: 9 }), cameras, persons, view };
}

/** Two views of a scene: what training reads of them, and how generation makes the same. */
async function withBoth(
  views: "none" | "hard",
  check: (at: {
    data: DitData;
    made: (order: readonly number[], start: number) => FrameConditions;
    shard: string;
    models: Models;
  }) => void | Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const before = liveTensors();
    await writeTinyWeights(folder, { views });
    const clips = [clipFrom(1, 0), clipFrom(-1, 1)];
    {
      using models = await Models.load(await findWeights(folder));
      const model = models.dit.config;
      const shard = join(folder, "shard-00000.safetensors");
      await cacheShard(shard, clips, { body, vae: models.vae, model });
      const data = await DitData.open(folder, model);
      const seen = await Promise.all(clips.map(async (clip) => {
        const background = Array.from({ length: FRAMES }, (_, i) => frameAt(clip.background, i));
        const pictures = await encodePictures(models, { ...clip, ...size, body, background });
        return { cameras: clip.cameras, pictures };
      }));
      const made = (order: readonly number[], start: number) =>
        conditionMaker(models, { ...clips[0], ...size, body }, order.map((view) => seen[view]))
          .frames({ start, length: 2 });
      await check({ data, made, shard, models });
      data.dispose();
      disposeAll(seen.map(({ pictures }) => pictures));
    }
    equal(liveTensors(), before);
  });
}

type TimedName = "background" | "plucker" | "points" | "pointsNdc" | "pointInFront";
const NAMES = conditionRows.filter(({ shape }) =>
  shape.some((size) => size === "K" || size === "T")
)
  .map(({ name }) => name as TimedName);

/** The largest difference of each condition of the frames, as a share of its largest value. */
function differences(a: FrameConditions, b: FrameConditions): Record<string, number> {
  return Object.fromEntries(NAMES.map((name) => {
    const [x, y] = [a, b].map((of) => {
      // Absent where all points are in front.
      const { shape } = of.points;
      return of[name]
        ? toNumbers(of[name]) as number[]
        : new Array(shape[0] * shape[1] * shape[2]).fill(1);
    });
    equal(x.length, y.length, name);
    const most = Math.max(...x.map(Math.abs), 1);
    return [name, Math.max(...x.map((value, i) => Math.abs(value - y[i]))) / most];
  }));
}

Deno.test("a window is placed in training as in generation, wherever in its clip it begins", () =>
  withBoth("none", ({ data, made }) => {
    for (const [start, firstWindowShare] of [[0, 1], [1, 0]]) {
      scope(() => {
        const options = { batch: 1, latentFrames: 2, firstWindowShare };
        const { conditions } = data.batch(new Random(1), options);
        // Which of the two clips was drawn.
        const found = [0, 1].map((view) => differences(made([view], start), conditions));
        const own = found.reduce((a, b) => a.plucker < b.plucker ? a : b);
        deepEqual(Object.keys(own).sort(), [...NAMES].sort());
        for (const [name, far] of Object.entries(own)) {
          ok(far < 2e-3, `${name} at ${start}: ${far}`);
        }
      });
    }
  }));

Deno.test("a window of a scene has its rays in the frame of its first view, in training as in generation", () =>
  withBoth("hard", ({ data, made }) => {
    for (const [start, firstWindowShare] of [[0, 1], [1, 0]]) {
      scope(() => {
        const options = {
          ...{ batch: 1, latentFrames: 2, firstWindowShare },
          views: [2, 2] as const,
        };
        const { conditions } = data.scenes(new Random(1), options);
        const found = [[0, 1], [1, 0]].map((order) => differences(made(order, start), conditions));
        found.sort((a, b) => a.plucker - b.plucker);
        for (const far of Object.values(found[0])) ok(far < 2e-3, JSON.stringify(found[0]));
        ok(found[1].plucker > 0.1);
      });
    }
  }));

Deno.test("latents of an older version serve whole clips, and are refused for windows", () =>
  withBoth("none", async ({ shard, models }) => {
    const { tensors } = await readSafetensors(shard);
    ok(tensors.delete("places"));
    await withFolder(async (old) => {
      await writeSafetensors(join(old, "shard-00000.safetensors"), tensors);
      const data = await DitData.open(old, models.dit.config);
      scope(() => {
        const options = { batch: 1, latentFrames: 3, firstWindowShare: 0 };
        equal(data.batch(new Random(1), options).latent.shape[2], 3);
        throws(
          () => data.batch(new Random(1), { ...options, latentFrames: 2 }),
          /shard-00000\.safetensors" are of an older version.*remove them/,
        );
      });
      data.dispose();
    });
  }));
