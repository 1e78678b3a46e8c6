import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { type HumanClip, readBody } from "../../lib/data/mod.ts";
import { ConfigError } from "../../lib/errors.ts";
import { builtinMotion, lookAt, motionFrame, Random } from "../../lib/geometry/mod.ts";
import { readSafetensors, writeSafetensors } from "../../lib/io/mod.ts";
import { IsaDit, parseIsaDitConfig } from "../../lib/models/isa_dit/mod.ts";
import { VideoVae, videoVaePresets } from "../../lib/models/video_vae/mod.ts";
import { Vars } from "../../lib/nn/mod.ts";
import { sampleLatents } from "../../lib/pipelines/mod.ts";
import { add_, liveTensors, noGrad, scope, type Tensor, toNumbers } from "../../lib/tensor/mod.ts";
import { cacheShard, DitData, ditTrainPresets } from "../../lib/train/mod.ts";
import { dropConditions } from "../../lib/train/dit_loss.ts";
import { sampleClip } from "../../lib/train/sample_sheet.ts";
import { withFolder } from "../support/folders.ts";
import { ramps } from "../support/pictures.ts";

const body = await readBody();
const model = parseIsaDitConfig({ ...ditTrainPresets.tiny.model, latentChannels: 4 });
const size = { width: 32, height: 32 };
const lens = { ...size, fovYDegrees: 45 };

interface Wanted {
  readonly persons?: number;
  readonly background?: boolean;
  readonly mask?: boolean;
  /** Metres before the first person. */
  readonly distance?: number;
}

/** Five frames of persons who walk beside each other. */
function humanClip(
  { persons = 1, background = true, mask = true, distance = 4 }: Wanted = {},
): HumanClip {
  const motion = builtinMotion("walk", { body, fps: 8, frames: 5 });
  const camera = lookAt([0, 1, distance], [0, 1, 0], lens);
  const poses = Array.from({ length: 5 }, (_, frame) => motionFrame(motion, frame));
  return {
    frames: ramps({ ...size, count: 5 }),
    ...background && { background: ramps({ ...size, count: 5, fps: 9 }) },
    ...mask && { mask: new Uint8Array(5 * 32 * 32).fill(255) },
    cameras: poses.map(() => camera),
    persons: Array.from({ length: persons }, (_, person) => {
      const own = poses.map(({ pose, translation: [x, y, z] }) => ({
        pose,
        translation: [x + person, y, z] as const,
      }));
      const picture = ramps({ ...size, count: 1 });
      return { poses: own, reference: { picture, known: { body: own[1 + person], camera } } };
    }),
  };
}

/** Caches `clips` in one shard of a new folder under `folder`. */
async function cached(folder: string, name: string, clips: HumanClip[]): Promise<string> {
  using vars = Vars.root({ seed: 3 });
  const vae = new VideoVae(vars, videoVaePresets.tiny);
  await Deno.mkdir(join(folder, name));
  await cacheShard(join(folder, name, "shard-00000.safetensors"), clips, { body, vae, model });
  return join(folder, name);
}

const opened = (latents: Parameters<typeof DitData.open>[0]) => DitData.open(latents, model);
const window = { latentFrames: 2, firstWindowShare: 0.5 };
const numbers = (x: Tensor): number[] => (toNumbers(x) as number[]).flat();

Deno.test("DitData: clips of several persons come apart from others, without their padding", () =>
  withFolder(async (folder) => {
    const before = liveTensors();
    const clips = [humanClip(), humanClip({ persons: 2 }), humanClip()];
    const mixed = await opened(await cached(folder, "mixed", clips));
    const alone = await opened(await cached(folder, "alone", [clips[1]]));
    const P = model.pointsPerPerson;
    scope(() => {
      const [two, same] = [mixed.clip(1).conditions, alone.clip(0).conditions];
      for (const [name, value] of Object.entries(same) as [string, Tensor][]) {
        deepEqual(numbers(two[name] as Tensor), numbers(value), name);
      }
      deepEqual(two.points.shape, [1, 8, 2 * P, 3]);
      deepEqual(numbers(two.pointPerson), [...new Array(P).fill(0), ...new Array(P).fill(1)]);
      const indices = Array.from({ length: 2 * P }, (_, i) => i % P);
      deepEqual(numbers(two.pointIndex), indices);
      const random = new Random(5);
      const counts = Array.from(
        { length: 90 },
        () => scope(() => mixed.batch(random, { ...window, batch: 3 }).conditions.points.shape[2]),
      );
      ok(counts.every((count) => count === P || count === 2 * P));
      const share = counts.filter((count) => count === 2 * P).length / counts.length;
      ok(share > 0.2 && share < 0.5, `${share} of the batches, expected a third`);
    });
    mixed.dispose();
    alone.dispose();
    equal(liveTensors(), before);
  }));

Deno.test("DitData: what a clip lacks is told: no background, no mask, points behind the camera", () =>
  withFolder(async (folder) => {
    const clips = [humanClip({ background: false, mask: false }), humanClip({ distance: 0.05 })];
    const data = await opened(await cached(folder, "latents", clips));
    scope(() => {
      const [bare, near] = [data.clip(0), data.clip(1)];
      deepEqual(numbers(bare.conditions.backgroundGiven), [0]);
      ok(numbers(bare.conditions.background).every((x) => x === 0));
      ok(numbers(bare.coverage).every((x) => x === 0));
      equal(bare.conditions.pointInFront, undefined);
      deepEqual(numbers(near.conditions.backgroundGiven), [1]);
      const front = numbers(near.conditions.pointInFront!);
      ok(front.includes(0) && front.includes(1));
    });
    data.dispose();
  }));

Deno.test("DitData: shards without the later fields are read as one person with a background", () =>
  withFolder(async (folder) => {
    const latents = await cached(folder, "latents", [humanClip()]);
    const path = join(latents, "shard-00000.safetensors");
    const { tensors } = await readSafetensors(path);
    const fresh = await opened(latents);
    for (const name of ["persons", "backgroundGiven"]) ok(tensors.delete(name));
    const old = join(folder, "old");
    await Deno.mkdir(old);
    await writeSafetensors(join(old, "shard-00000.safetensors"), tensors);
    const data = await opened(old);
    scope(() => {
      const [a, b] = [data.clip(0).conditions, fresh.clip(0).conditions];
      for (const [name, value] of Object.entries(b) as [string, Tensor][]) {
        deepEqual(numbers(a[name] as Tensor), numbers(value), name);
      }
    });
    data.dispose();
    fresh.dispose();
    tensors.delete("plucker");
    await writeSafetensors(join(old, "shard-00000.safetensors"), tensors);
    await rejects(opened(old), /is no latent shard: it lacks "plucker"/);
  }));

Deno.test("DitData: sources are drawn from by their shares", () =>
  withFolder(async (folder) => {
    const sources = [
      { folder: await cached(folder, "one", [humanClip()]), share: 3 },
      { folder: await cached(folder, "bare", [humanClip({ background: false })]), share: 1 },
    ];
    const data = await opened(sources);
    equal(data.clips, 2);
    let bare = 0;
    for (let seed = 0; seed < 80; seed++) {
      const given = scope(() => {
        const { conditions } = data.batch(new Random(seed), { ...window, batch: 1 });
        return numbers(conditions.backgroundGiven)[0];
      });
      bare += 1 - given;
    }
    ok(bare > 10 && bare < 32, `${bare} of 80, expected 20`);
    data.dispose();
  }));

Deno.test("cacheShard: more persons than the model takes are refused", () =>
  withFolder(async (folder) => {
    await rejects(
      cached(folder, "many", [humanClip({ persons: 5 })]),
      (error: Error) =>
        error instanceof ConfigError && /5 persons, the model takes 4/.test(error.message),
    );
  }));

Deno.test("dropConditions: each condition goes by itself, and the others' draws stay", () =>
  withFolder(async (folder) => {
    const data = await opened(await cached(folder, "latents", [humanClip()]));
    const none = { subject: 0, background: 0, camera: 0, referencePose: 0, reference: 0, body: 0 };
    const changed: Record<keyof typeof none, string[]> = {
      subject: ["subjectGiven"],
      background: ["background", "backgroundGiven"],
      camera: ["plucker"],
      referencePose: ["pointVisible"],
      reference: ["reference", "pointVisible", "image"],
      body: ["points", "pointsNdc"],
    };
    scope(() => {
      const { conditions } = data.clip(0);
      const drop = (dropout: typeof none) =>
        dropConditions(conditions, { dropout, model }, {
          choices: new Random(1),
          part: { first: 0, count: 1, of: 1 },
        });
      for (const name of Object.keys(none) as (keyof typeof none)[]) {
        const dropped = drop({ ...none, [name]: 1 });
        for (
          const [field, value] of Object.entries(conditions) as [string, Tensor][]
        ) {
          const now = numbers(dropped[field] as Tensor);
          if (changed[name].includes(field)) ok(now.every((x) => x === 0), `${name}: ${field}`);
          else deepEqual(now, numbers(value), `${name}: ${field}`);
        }
      }
      const half = { ...none, camera: 0.5, subject: 0.5 };
      for (let seed = 0; seed < 8; seed++) {
        const given = (dropout: typeof none) => {
          const { subjectGiven } = dropConditions(conditions, { dropout, model }, {
            choices: new Random(seed),
            part: { first: 0, count: 1, of: 1 },
          });
          return numbers(subjectGiven);
        };
        deepEqual(given({ ...half, reference: 0.5, body: 0.5 }), given(half));
      }
    });
    data.dispose();
  }));

Deno.test("sampleClip: what a sheet shows is what isa4d generate samples", () =>
  withFolder(async (folder) => {
    const before = liveTensors();
    const data = await opened(await cached(folder, "latents", [humanClip()]));
    const vars = Vars.root({ seed: 9 });
    const dit = new IsaDit(vars, model);
    // A fresh model's output is zero.
    for (const parameter of vars.parameters().values()) {
      noGrad(() => scope(() => add_(parameter, 0.02)));
    }
    const options = { steps: 3, cfgScale: 2, flowShift: 2, seed: 4 };
    const { conditions } = { conditions: noGrad(() => scope(() => data.clip(0).conditions)) };
    const expected = await sampleLatents(dit, conditions, options);
    const made = noGrad(() =>
      scope(() => sampleClip(dit, conditions, { ...options, compute: "float32", clips: 1 }))
    );
    const [a, b] = [numbers(expected), numbers(made)];
    ok(Math.max(...a.map((x, i) => Math.abs(x - b[i]))) < 1e-4);
    ok(new Set(b).size > 100);
    for (const value of [...Object.values(conditions), expected, made]) value?.dispose();
    vars.dispose();
    data.dispose();
    equal(liveTensors(), before);
  }));
