import { join } from "node:path";
import { ConfigError } from "../errors.ts";
import { type BodyMesh, Random } from "../geometry/mod.ts";
import { writeSafetensors } from "../io/mod.ts";
import { IsaDit, type IsaDitConfig, isaDitSpec, startFrom } from "../models/isa_dit/mod.ts";
import { toStore } from "../models/state/mod.ts";
import type { VideoVae } from "../models/video_vae/mod.ts";
import { type StateRecord, type StateSource, Vars } from "../nn/mod.ts";
import { type Device, item, noGrad, scope, type Tensor } from "../tensor/mod.ts";
import type { DitTrainConfig } from "./dit_config.ts";
import { DitData, type LatentSource } from "./dit_data.ts";
import { Ranks } from "./distributed/mod.ts";
import { checkStart } from "./fit_together.ts";
import { gridLoss } from "./grid_loss.ts";
import { type DitBatch, type DitDraws, ditLoss, priorLoss } from "./dit_loss.ts";
import { type DitQuality, type HeldOutPictures, measureDit } from "./dit_quality.ts";
import { generationSheet, isSheetDue, stackRows, writeSheet } from "./sample_sheet.ts";
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
  /** Held-out clips whose pictures are measured, before the first step too, and shown on the sheets. */
  readonly pictures?: { readonly body: BodyMesh; readonly clips: readonly HeldOutPictures[] };
  readonly device?: Device;
  /** The processes that train together. Default: this one alone. */
  readonly ranks?: Ranks;
  readonly onValidation?: (report: DitValidation) => void;
}

/** What is measured on held-out clips. */
export interface DitValidation extends Partial<DitQuality> {
  readonly step: number;
  readonly loss: number;
  /** The loss of the prior alone, for models around it. */
  readonly priorLoss?: number;
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
  const validate = async (step: number): Promise<number | undefined> => {
    if (!heldOut) return undefined;
    const losses = validationLosses(model, heldOut, config, ranks);
    if (ranks.rank > 0) return losses.loss;
    const quality = await measured({ model, heldOut, config, step }, options);
    options.onValidation?.({ step, ...losses, ...quality });
    return losses.loss;
  };
  try {
    return await trainer.run({
      ...options,
      onBegin: async (start) => {
        await options.onBegin?.(start);
        // What a run begins with: of a fresh model around the prior, the prior's answer.
        if (start.step === 0 && options.pictures) await validate(0);
      },
      // On all ranks: averages are where their parameters' owners are.
      onCheckpoint: (_path, step) =>
        trainer.ema.use(async () => {
          const loss = await validate(step);
          if (ranks.rank === 0) await writeWeights(out, net.trained, config, { step, data });
          return loss;
        }),
    });
  } finally {
    trainer.dispose();
    data.dispose();
    heldOut?.dispose();
  }
}

interface Validated {
  readonly model: IsaDit;
  readonly heldOut: DitData;
  readonly config: DitTrainConfig;
  readonly step: number;
}

/** Measures held-out pictures where there are some, and writes the sheet where one is due. */
async function measured(
  { model, heldOut, config, step }: Validated,
  { out, vae, pictures }: TrainDitOptions,
): Promise<DitQuality | undefined> {
  if (!vae) return undefined;
  const { samples, flowShift, settings: { compute } } = config;
  const sampling = { ...samples, flowShift, compute };
  const sheet = step === 0 || isSheetDue(step, config) ? samples.clips : 0;
  if (pictures && !model.views) {
    const all = { ...pictures, vae, data: heldOut, sampling, sheet };
    const { quality, rows } = measureDit(model, all);
    if (rows.length > 0) await writeSheet(out, step, stackRows(rows, { perClip: 3 }));
    return quality;
  }
  if (sheet > 0) await writeSheet(out, step, generationSheet(model, vae, heldOut, sampling));
  return undefined;
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
 * Mean loss on whole held-out clips with all conditions given, the same draws at every call, and that
 * of the prior alone. Each rank takes its share of them.
 */
function validationLosses(
  model: IsaDit,
  data: DitData,
  config: DitTrainConfig,
  ranks: Ranks,
): Pick<DitValidation, "loss" | "priorLoss"> {
  const none = { subject: 0, background: 0, camera: 0, referencePose: 0, reference: 0, body: 0 };
  const part = { first: 0, count: 1, of: 1 };
  const count = Math.min(VALIDATION_BATCH, model.views ? data.sceneCount : data.clips);
  const whole = { ...config, dropout: none, grid: { ...config.grid, givenView: 0, givenTime: 0 } };
  const around = config.model.skip === "prior" && !model.views;
  const sums = [0, 0];
  const of = (loss: typeof ditLoss, batch: DitBatch, draws: DitDraws) =>
    scope(() => item(loss(model, batch, whole, draws)));
  noGrad(() => {
    for (let index = ranks.rank; index < count; index += ranks.world) {
      const draws = { seed: index, choices: new Random(index), part };
      scope(() => {
        if (model.views) {
          const scenes = data.scene(index, config.grid.views[1]);
          sums[0] += item(gridLoss(model, scenes, whole, draws));
          return;
        }
        const batch = data.clip(index);
        sums[0] += of(ditLoss, batch, draws);
        if (around) sums[1] += of(priorLoss, batch, draws);
      });
    }
  });
  const [loss, priorAlone] = ranks.sum(sums).map((sum) => sum / count);
  return { loss, ...around ? { priorLoss: priorAlone } : {} };
}

async function writeWeights(
  out: string,
  trained: Vars,
  { model, lora, about }: DitTrainConfig,
  { step, data }: { readonly step: number; readonly data: DitData },
): Promise<void> {
  const facts = {
    ...{ format: "isa4d", config: JSON.stringify(model), step: String(step) },
    ...isaDitSpec(model, { lora: lora !== undefined, resolution: sizeOf(data), about }),
  };
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

/** Pixels of the clips; of several sizes the first. */
function sizeOf({ latentShapes: [[, , , height, width]] }: DitData) {
  return { width: width * LATENT, height: height * LATENT };
}

/** Pixels of a latent's side. */
const LATENT = 8;

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
