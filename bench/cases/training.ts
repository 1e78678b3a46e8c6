/** One training step: forward, backward, clipping, AdamW, averaging. */

import { Random } from "../../lib/geometry/mod.ts";
import { IsaDit, type IsaDitConditions } from "../../lib/models/isa_dit/mod.ts";
import { VideoVae } from "../../lib/models/video_vae/mod.ts";
import { Vars } from "../../lib/nn/mod.ts";
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
  /** The loss of a step whose draws come from `seed`. */
  readonly loss: (seed: number) => Tensor;
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

interface DitSpec {
  readonly kind: "train-dit";
  readonly config: DitTrainConfig;
}

const trainDit: BenchCase = {
  name: "train-dit",
  summary: "training step of ISA-DiT small, 4 windows of 5 latents, bfloat16",
  tolerance: 1e-2,
  async make(folder, tiny) {
    const model = await makeDit(folder, tiny);
    const preset = ditTrainPresets[tiny ? "tiny" : "small"];
    const settings = { ...preset.settings, ...endless };
    const dropout = { subject: 0, background: 0, camera: 0, referencePose: 0 };
    const config = { ...preset, model, settings, dropout };
    const size = tiny ? { B: 2, T: 2, h: 4, w: 4 } : { B: 4, T: 5, h: 16, w: 16 };
    using random = generator(3, "cpu");
    const conditions = randomConditions(model, size, random);
    const latent = randn(conditions.background.shape, { generator: random });
    const coverage = rand([size.B, 1, size.T, size.h, size.w], { generator: random });
    await writeSpec(folder, { kind: "train-dit", config } satisfies DitSpec);
    await writeInputs(folder, { latent, coverage, ...conditions });
  },
  async load(folder) {
    const { config } = await readSpec<DitSpec>(folder);
    const vars = Vars.root();
    const model = new IsaDit(vars, config.model);
    await readWeights(folder, vars);
    const { latent, coverage, ...rest } = await readInputs(folder);
    const conditions = rest as unknown as IsaDitConditions;
    const loss = (seed: number): Tensor => {
      using noise = generator(seed, "cpu");
      const random = { generator: noise, choices: new Random(seed) };
      return ditLoss(model, { latent, coverage, conditions }, config, random);
    };
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
    const vae = new VideoVae(Vars.root(), config.model);
    await readWeights(folder, vae.vars);
    const { video, mask } = await readInputs(folder);
    const loss = (seed: number): Tensor => {
      using noise = generator(seed, "cpu");
      return vaeLoss(vae, { video, mask }, { weights: config.loss, generator: noise });
    };
    return trained({ parameters: vae.vars.parameters(), settings: config.settings, loss }, folder);
  },
};

/** Training steps. */
export const trainingCases: readonly BenchCase[] = [trainDit, trainVae];
