import { join } from "node:path";
import { ConfigError } from "../errors.ts";
import { Random } from "../geometry/mod.ts";
import { writeSafetensors } from "../io/mod.ts";
import { IsaDit, type IsaDitConfig, startFrom } from "../models/isa_dit/mod.ts";
import { toStore } from "../models/state/mod.ts";
import type { VideoVae } from "../models/video_vae/mod.ts";
import { type StateRecord, type StateSource, Vars } from "../nn/mod.ts";
import { type Device, item, noGrad, scope, type Tensor } from "../tensor/mod.ts";
import type { DitTrainConfig } from "./dit_config.ts";
import { DitData, type LatentSource } from "./dit_data.ts";
import { Ranks } from "./distributed/mod.ts";
import { checkStart } from "./fit_together.ts";
import { gridLoss } from "./grid_loss.ts";
import { ditLoss } from "./dit_loss.ts";
import { generationSheet, isSheetDue, writeSheet } from "./sample_sheet.ts";
import { microBatchSeed } from "./settings.ts";
import { DataMeter } from "./task_data.ts";
import { Trainer, type TrainOptions, type TrainTask } from "./trainer.ts";

/** Where a DiT training run reads and writes. */
export interface TrainDitOptions extends Omit<TrainOptions, "onCheckpoint"> {
  /** Folders of latent shards. */
  readonly latents: string | readonly LatentSource[];
  /** Latent shards of held-out clips; their loss is measured at every checkpoint. */
  readonly validation?: string | readonly LatentSource[];
  /**
   * Weights to begin with, of this model or of the plain one that its options add to; resume goes
   * before.
   */
  readonly init?: ReadonlyMap<string, Tensor | StateRecord | StateSource>;
  /** The VideoVAE of the latents: sample sheets are decoded with it; the caller frees it. */
  readonly vae?: VideoVae;
  readonly device?: Device;
  /** The processes that train together. Default: this one alone. */
  readonly ranks?: Ranks;
  readonly onValidation?: (report: { readonly step: number; readonly loss: number }) => void;
}

/**
 * Trains ISA-DiT on cached latents (ISA4D section 5) and writes, at each
 * checkpoint, the averaged weights to `out/isa_dit.safetensors`, or to `out/lora.safetensors` where
 * only low-rank parts are trained. Returns the last step.
 */
export async function trainDit(config: DitTrainConfig, options: TrainDitOptions): Promise<number> {
  const { device = "cpu", out, ranks = Ranks.alone } = options;
  const { settings } = config;
  using net = startingNet(config, options);
  const { model } = net;
  if (config.activationCheckpointing && model.views) {
    throw new ConfigError("activationCheckpointing is not there for models of several views");
  }
  const data = await DitData.open(options.latents, config.model, { device });
  const heldOut = options.validation
    ? await DitData.open(options.validation, config.model, { device })
    : undefined;
  checkLatents(data, config);
  const trainer = new Trainer(ditTask(net, data, config, ranks), settings, ranks);
  const { flowShift, samples } = config;
  const sampling = { ...samples, flowShift, compute: settings.compute };
  try {
    return await trainer.run({
      ...options,
      // On all ranks: averages are where their parameters' owners are.
      onCheckpoint: (_path, step) =>
        trainer.ema.use(async () => {
          const loss = heldOut && validationLoss(model, heldOut, config, ranks);
          if (ranks.rank === 0) {
            if (heldOut && options.vae && isSheetDue(step, config)) {
              await writeSheet(out, step, generationSheet(model, options.vae, heldOut, sampling));
            }
            await writeWeights(out, net.trained, config, step);
          }
          if (loss !== undefined) options.onValidation?.({ step, loss });
          return loss;
        }),
    });
  } finally {
    trainer.dispose();
    data.dispose();
    heldOut?.dispose();
  }
}

/** What the trainer moves, and the loss that it follows. */
function ditTask(
  { model, parameters }: StartingNet,
  data: DitData,
  config: DitTrainConfig,
  ranks: Ranks,
): TrainTask {
  const { settings, firstWindowShare, grid } = config;
  const meter = new DataMeter();
  const recompute = config.activationCheckpointing ? parameters : undefined;
  const loss = (step: number, micro: number): Tensor => {
    const seed = microBatchSeed(settings, { step, micro });
    const choices = new Random(seed);
    const window = pickWindow(config, choices);
    const part = ranks.part(window.batch);
    const draws = { seed, choices, part, mean: (x: Tensor) => ranks.mean(x), recompute };
    const options = { ...window, firstWindowShare, part };
    meter.count(window.batch);
    if (model.views) {
      const scenes = meter.measure(() => data.scenes(choices, { ...options, ...grid }));
      return gridLoss(model, scenes, config, draws);
    }
    const batch = meter.measure(() => data.batch(choices, options));
    return ditLoss(model, batch, config, draws);
  };
  return { parameters, loss, data: { take: () => meter.take() }, config };
}

/** Clips and noise draws of a validation; always the same, so that steps can be compared. */
const VALIDATION_BATCH = 16;

/**
 * Mean loss on whole held-out clips with all conditions given, the same draws at every call. Each
 * rank takes its share of them.
 */
function validationLoss(
  model: IsaDit,
  data: DitData,
  config: DitTrainConfig,
  ranks: Ranks,
): number {
  const none = { subject: 0, background: 0, camera: 0, referencePose: 0, reference: 0, body: 0 };
  const part = { first: 0, count: 1, of: 1 };
  const count = Math.min(VALIDATION_BATCH, model.views ? data.sceneCount : data.clips);
  const whole = { ...config, dropout: none, grid: { ...config.grid, givenView: 0, givenTime: 0 } };
  let sum = 0;
  noGrad(() => {
    for (let index = ranks.rank; index < count; index += ranks.world) {
      const draws = { seed: index, choices: new Random(index), part };
      sum += scope(() =>
        item(
          model.views
            ? gridLoss(model, data.scene(index, config.grid.views[1]), whole, draws)
            : ditLoss(model, data.clip(index), whole, draws),
        )
      );
    }
  });
  return ranks.sum([sum])[0] / count;
}

async function writeWeights(
  out: string,
  trained: Vars,
  { model, lora }: DitTrainConfig,
  step: number,
): Promise<void> {
  const facts = { format: "isa4d", config: JSON.stringify(model), step: String(step) };
  const state = toStore(trained.named());
  if (lora) {
    const sizes = { rank: String(lora.rank), alpha: String(lora.alpha) };
    await writeSafetensors(join(out, "lora.safetensors"), state, {
      ...facts,
      ...sizes,
      kind: "isa_dit_lora",
    });
  } else {
    await writeSafetensors(join(out, "isa_dit.safetensors"), state, { ...facts, kind: "isa_dit" });
  }
}

/** An ISA-DiT and those of its variables that training moves. */
interface StartingNet extends Disposable {
  readonly model: IsaDit;
  /** Holds what is written. */
  readonly trained: Vars;
  /** What moves. */
  readonly parameters: ReadonlyMap<string, Tensor>;
}

/** The maps that LoRA adapts: queries, keys, values and outputs of every attention. */
const ADAPTED = /\.(to_q|to_k|to_v|to_out\.0)$/;

function startingNet(config: DitTrainConfig, options: TrainDitOptions): StartingNet {
  const { init, device = "cpu" } = options;
  const { lora, trained: which, settings: { seed } } = config;
  checkStart(config, init !== undefined);
  const given = (name: string) => init?.has(name) ?? false;
  const parts = lora && Vars.root({ device, seed });
  const adapted = parts && { ...lora, vars: parts, targets: (path: string) => ADAPTED.test(path) };
  const vars = Vars.root({ device, seed, given, lora: adapted });
  const dispose = () => {
    vars.dispose();
    parts?.dispose();
  };
  try {
    const model = new IsaDit(vars, config.model);
    const missing = init ? startFrom(vars, config.model, init) : [];
    const trained = parts ?? vars;
    if (parts) vars.setRequiresGrad(false);
    const wanted = which === "added" ? onlyAdded(vars, missing) : trained.parameters();
    const parameters = withoutClip(wanted, config.model);
    return { model, trained, parameters, [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** What moves: CLIP's own weights stand still, and without gradients keep no activations either. */
function withoutClip(
  parameters: ReadonlyMap<string, Tensor>,
  { imageEncoderWeights }: IsaDitConfig,
): ReadonlyMap<string, Tensor> {
  if (imageEncoderWeights !== "clip") return parameters;
  const moving = new Map<string, Tensor>();
  for (const [name, parameter] of parameters) {
    if (name.startsWith("image_encoder.")) parameter.setRequiresGrad(false);
    else moving.set(name, parameter);
  }
  return moving;
}

/** The parameters that the first weights lack; the others stand still. */
function onlyAdded(vars: Vars, missing: readonly string[]): ReadonlyMap<string, Tensor> {
  const all = vars.parameters();
  const added = new Map([...all].filter(([name]) => missing.includes(name)));
  if (added.size === 0) {
    throw new ConfigError('trained "added": the weights of --init lack nothing of this model');
  }
  for (const [name, parameter] of all) parameter.setRequiresGrad(added.has(name));
  return added;
}

/** Draws a kind of window by the shares. */
function pickWindow(
  { windows }: DitTrainConfig,
  random: Random,
): DitTrainConfig["windows"][number] {
  let rest = random.float() * windows.reduce((sum, { share }) => sum + share, 0);
  return windows.find(({ share }) => (rest -= share) < 0) ?? windows[0];
}

function checkLatents(data: DitData, { model, windows }: DitTrainConfig): void {
  const longest = Math.max(...windows.map(({ latentFrames }) => latentFrames));
  for (const [, C, T] of data.latentShapes) {
    if (C === model.latentChannels && longest <= T) continue;
    throw new ConfigError(
      `latents have ${C} channels and ${T} frames; the config asks for ${model.latentChannels} and windows of ${longest}`,
    );
  }
}
