/** One training step: forward, backward, clipping, AdamW, averaging. */

import { Random } from "../../lib/geometry/mod.ts";
import { IsaDit, type IsaDitConditions } from "../../lib/models/isa_dit/mod.ts";
import { VideoVae } from "../../lib/models/video_vae/mod.ts";
import { allGiven, Vars } from "../../lib/nn/mod.ts";
import { generator, rand, randn, type Tensor, tensor } from "../../lib/tensor/mod.ts";
import {
  ditLoss,
  type DitTrainConfig,
  ditTrainPresets,
  Trainer,
  type TrainSettings,
  type VaeTrainConfig,
  vaeTrainPresets,
} from "../../lib/train/mod.ts";
import { sampleSeed } from "../../lib/train/settings.ts";
import { vaeLoss } from "../../lib/train/vae_losses.ts";
import {
  type BenchCase,
  type Loaded,
  readInputs,
  readSpec,
  readWeights,
  writeInputs,
  writeSpec,
} from "./case.ts";
import { makeDit, randomConditions } from "./dit.ts";
import { makeVae } from "./vae.ts";

/** No checkpoints in the way of time. */
const endless = { steps: 1_000_000, warmup: 100, checkpointEvery: 1_000_000 } as const;

class Finished extends Error {}

interface Task {
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly settings: TrainSettings;
  readonly loss: (step: number) => Tensor;
}

/** The trainer's own loop, which is held before each step until the step is asked for. */
function trained({ parameters, settings, loss }: Task, folder: string): Loaded {
  const history: number[][] = [];
  return {
    async serve(runs) {
      let started = 0;
      const trainer = new Trainer({
        parameters,
        config: {},
        loss(step) {
          if (!runs.next()) throw new Finished();
          started = performance.now();
          return loss(step);
        },
      }, settings);
      try {
        await trainer.run({
          out: folder,
          onStep(step) {
            const ms = performance.now() - started;
            history.push([step.loss, step.gradientNorm]);
            runs.done(ms);
          },
        });
      } catch (error) {
        if (!(error instanceof Finished)) throw error;
      }
    },
    output: () => tensor(history),
  };
}

/** Steps after which the draws repeat. */
const SEEDS = 32;

interface DitSpec {
  readonly kind: "train-dit";
  readonly config: DitTrainConfig;
  /** Of each sample's noise, one list a step. */
  readonly seeds: readonly (readonly number[])[];
}

const trainDit: BenchCase = {
  name: "train-dit",
  summary: "training step of ISA-DiT small, 4 windows of 5 latents, bfloat16",
  tolerance: 1e-2,
  async make(folder, tiny) {
    const model = await makeDit(folder, tiny);
    const preset = ditTrainPresets[tiny ? "tiny" : "small"];
    const settings = { ...preset.settings, ...endless };
    const kept = { subject: 0, background: 0, camera: 0, referencePose: 0 };
    const dropout = { ...kept, reference: 0, body: 0 };
    const config = { ...preset, model, settings, dropout };
    const size = tiny ? { B: 2, T: 2, h: 4, w: 4 } : { B: 4, T: 5, h: 16, w: 16 };
    using random = generator(3, "cpu");
    const conditions = randomConditions(model, size, random);
    const latent = randn(conditions.background.shape, { generator: random });
    const coverage = rand([size.B, 1, size.T, size.h, size.w], { generator: random });
    const seeds = Array.from(
      { length: SEEDS },
      (_, step) => Array.from({ length: size.B }, (_, i) => sampleSeed(step, i)),
    );
    await writeSpec(folder, { kind: "train-dit", config, seeds } satisfies DitSpec);
    await writeInputs(folder, { latent, coverage, ...conditions });
  },
  async load(folder) {
    const { config } = await readSpec<DitSpec>(folder);
    const vars = Vars.root({ given: allGiven });
    const model = new IsaDit(vars, config.model);
    await readWeights(folder, vars);
    const { latent, coverage, ...rest } = await readInputs(folder);
    const conditions = rest as unknown as IsaDitConditions;
    const [B] = latent.shape;
    const loss = (step: number): Tensor =>
      ditLoss(model, { latent, coverage, conditions }, config, {
        seed: step % SEEDS,
        choices: new Random(step),
        part: { first: 0, count: B, of: B },
      });
    return trained({ parameters: vars.parameters(), settings: config.settings, loss }, folder);
  },
};

interface VaeSpec {
  readonly kind: "train-vae";
  readonly config: VaeTrainConfig;
}

const trainVae: BenchCase = {
  name: "train-vae",
  summary: "training step of VideoVAE small, 2 clips of 96×96×17, bfloat16",
  tolerance: 1e-2,
  async make(folder, tiny) {
    const preset = vaeTrainPresets.small;
    const model = await makeVae(folder, "small", { tiny });
    const config = { ...preset, model, settings: { ...preset.settings, ...endless } };
    const [B, F, side] = tiny ? [1, 5, 32] : [config.batch, config.frames, config.size];
    using random = generator(3, "cpu");
    await writeSpec(folder, { kind: "train-vae", config } satisfies VaeSpec);
    await writeInputs(folder, {
      video: randn([B, 3, F, side, side], { generator: random }),
      mask: rand([B, 1, F, side, side], { generator: random }),
    });
  },
  async load(folder) {
    const { config } = await readSpec<VaeSpec>(folder);
    const vae = new VideoVae(Vars.root({ given: allGiven }), config.model);
    await readWeights(folder, vae.vars);
    const { video, mask } = await readInputs(folder);
    const loss = (step: number): Tensor => {
      using noise = generator(step, "cpu");
      return vaeLoss(vae, { video, mask }, { weights: config.loss, generator: noise }).total;
    };
    return trained({ parameters: vae.vars.parameters(), settings: config.settings, loss }, folder);
  },
};

/** Training steps. */
export const trainingCases: readonly BenchCase[] = [trainDit, trainVae];
