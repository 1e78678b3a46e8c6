import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { ConfigError } from "../../lib/errors.ts";
import { Lpips } from "../../lib/models/perceptual/mod.ts";
import { VideoVae, videoVaePresets } from "../../lib/models/video_vae/mod.ts";
import { Vars } from "../../lib/nn/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import {
  parseVaeTrainConfig,
  Trainer,
  type VaeTrainConfig,
  vaeTrainPresets,
} from "../../lib/train/mod.ts";
import type { MaskedClip } from "../../lib/train/train_vae_data.ts";
import { VaeObjective } from "../../lib/train/vae_objective.ts";
import { withFolder } from "../support/folders.ts";

const side = 32;

/** Coloured noise that moves; the left half is the person. */
function noiseClip(seed: number): MaskedClip {
  const data = Uint8Array.from(
    { length: 5 * side * side * 3 },
    (_, i) => 128 + 100 * Math.sin(0.13 * i + seed),
  );
  const mask = Uint8Array.from({ length: 5 * side * side }, (_, i) => i % side < 16 ? 255 : 0);
  return { frames: { width: side, height: side, count: 5, fps: 8, data }, mask };
}

const clips = [noiseClip(0), noiseClip(1)];

/** All six terms of the paper's objective, at a size of seconds. */
function allTerms(change: Partial<VaeTrainConfig["loss"]> = {}): VaeTrainConfig {
  return parseVaeTrainConfig({
    model: videoVaePresets.tiny,
    settings: { steps: 3, learningRate: 1e-3, warmup: 0, checkpointEvery: 3, compute: "float32" },
    batch: 1,
    size: side,
    frames: 5,
    loss: {
      perceptual: 0.5,
      perceptualFrames: 2,
      gan2d: 0.1,
      gan3d: 0.1,
      ganStart: 1,
      kl: 1e-2,
      ...change,
    },
    discriminator: { width: 8, levels: 2 },
  });
}

/** Losses of a run's steps, and its last checkpoint's tensors. */
async function run(config: VaeTrainConfig, out: string): Promise<number[]> {
  using vaeVars = Vars.root({ seed: 1 });
  using lpipsVars = Vars.root({ seed: 2 });
  const vae = new VideoVae(vaeVars, config.model);
  const lpips = new Lpips(lpipsVars, "squeezenet1_1");
  lpipsVars.setRequiresGrad(false);
  const objective = new VaeObjective(config, { vae, clips, perceptual: lpips });
  const trainer = new Trainer(objective.task(), config.settings);
  const losses: number[] = [];
  try {
    await trainer.run({ out, onStep: ({ loss }) => losses.push(loss) });
  } finally {
    trainer.dispose();
    objective.dispose();
  }
  return losses;
}

Deno.test("VaeObjective: all six terms train together, leave nothing behind, and each counts", async () => {
  const before = liveTensors();
  const losses = await withRun(allTerms());
  ok(losses.every(Number.isFinite), `${losses}`);
  deepEqual(await withRun(allTerms()), losses);
  // Step 0 is before the discriminators' start: it has the other terms alone.
  const terms = { perceptual: 0, imageDecoder: 0, kl: 0 };
  for (const name of Object.keys(terms)) {
    ok((await withRun(allTerms({ [name]: 0 })))[0] < losses[0], name);
  }
  for (const name of ["gan2d", "gan3d"]) {
    const [first, second] = await withRun(allTerms({ [name]: 0 }));
    equal(first, losses[0]);
    ok(second !== losses[1], name);
  }
  equal(liveTensors(), before);
});

Deno.test("VaeObjective: R1 is one more term of the discriminators", async () => {
  const plain = await withRun(allTerms());
  const flat = await withRun(allTerms({ r1: 10 }));
  deepEqual(flat.slice(0, 2), plain.slice(0, 2));
  ok(Number.isFinite(flat[2]) && flat[2] !== plain[2]);
});

Deno.test("VaeObjective: single pictures pass the discriminator of frames alone", async () => {
  const before = liveTensors();
  const pictures = (change: Partial<VaeTrainConfig["loss"]>): VaeTrainConfig => ({
    ...allTerms({ perceptual: 0, ...change }),
    images: { share: 1, batch: 2 },
  });
  const both = await withRun(pictures({}));
  ok(both.every(Number.isFinite), `${both}`);
  // The one of videos sees nothing, and changes nothing.
  deepEqual(await withRun(pictures({ gan3d: 0 })), both);
  const alone = await withRun(pictures({ gan2d: 0 }));
  ok(alone.every(Number.isFinite) && alone[1] !== both[1]);
  equal(liveTensors(), before);
});

Deno.test("VaeObjective: a perceptual term without its net is refused", () => {
  using vars = Vars.root();
  const config = allTerms();
  const vae = new VideoVae(vars, config.model);
  throws(
    () => new VaeObjective(config, { vae, clips }),
    (error: Error) => error instanceof ConfigError && /--lpips-net/.test(error.message),
  );
});

Deno.test("train vae: the paper's runs carry all six terms", () => {
  for (const name of ["paper", "paper-97"]) {
    const { loss, model, frames } = vaeTrainPresets[name];
    ok(loss.absolute > 0 && loss.perceptual > 0 && loss.kl > 0 && loss.imageDecoder > 0);
    ok(loss.gan2d > 0 && loss.gan3d > 0 && model.encoderResidual);
    equal(frames, name === "paper" ? 33 : 97);
  }
});

async function withRun(config: VaeTrainConfig): Promise<number[]> {
  let losses: number[] = [];
  await withFolder(async (out) => {
    losses = await run(config, out);
  });
  return losses;
}
