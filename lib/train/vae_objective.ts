// B batch, F frames, H height, W width

/**
 * VideoVAE's whole objective (ISA4D eq. 1–2) as the trainer sees it: reconstruction, KL and
 * image-decoding terms, the perceptual distance, and two discriminators that learn beside it.
 * @module
 */
import { ConfigError } from "../errors.ts";
import { Random } from "../geometry/mod.ts";
import { PatchDiscriminator } from "../models/discriminators/mod.ts";
import type { PerceptualDistance } from "../models/perceptual/mod.ts";
import {
  ImageDecoder,
  spatialFactor,
  temporalFactor,
  type VideoVae,
} from "../models/video_vae/mod.ts";
import { Vars } from "../nn/mod.ts";
import {
  add,
  detach,
  generator,
  indexSelect,
  mean,
  mul,
  reshape,
  scope,
  sum,
  type Tensor,
  tensor,
  transpose,
} from "../tensor/mod.ts";
import { adaptiveWeight, generatorLoss, hingeLoss, r1Penalty } from "./adversarial.ts";
import { Ranks } from "./distributed/mod.ts";
import { type CropLoader, localCrops, type MaskedClip, memorySource } from "./loader/mod.ts";
import { microBatchSeed, sampleSeed } from "./settings.ts";
import { DataMeter } from "./task_data.ts";
import type { VaeTrainConfig } from "./train_vae_config.ts";
import { vaeBatch } from "./train_vae_data.ts";
import type { TrainTask } from "./trainer.ts";
import { vaeLoss } from "./vae_losses.ts";

/** A discriminator and what its judgement counts. */
interface Judge {
  /** Whether it judges videos; pictures are none. */
  readonly moving: boolean;
  readonly net: PatchDiscriminator;
  readonly weight: number;
}

/** What was reconstructed last; the discriminators learn from it. */
interface Pair {
  readonly video: Tensor;
  readonly restored: Tensor;
}

/** The task of a VideoVAE's {@linkcode Trainer}; free it after use. */
export class VaeObjective {
  readonly #config: VaeTrainConfig;
  readonly #vae: VideoVae;
  readonly #loader: CropLoader;
  readonly #meter = new DataMeter();
  readonly #perceptual: PerceptualDistance | undefined;
  readonly #ranks: Ranks;
  readonly #aux: Vars;
  readonly #judgeVars: Vars;
  readonly #imageDecoder: ImageDecoder | undefined;
  readonly #judges: readonly Judge[];
  #latest: Pair | undefined;

  /**
   * Makes the auxiliary nets that the weights of `config.loss` ask for. Samples come from `loader`,
   * which the caller closes, or from `clips`.
   */
  constructor(
    config: VaeTrainConfig,
    { vae, clips = [], loader, perceptual, ranks = Ranks.alone }: {
      readonly vae: VideoVae;
      readonly clips?: readonly MaskedClip[];
      readonly loader?: CropLoader;
      readonly perceptual?: PerceptualDistance;
      readonly ranks?: Ranks;
    },
  ) {
    const { loss, settings, discriminator, model } = config;
    if (loss.perceptual > 0 && !perceptual) {
      throw new ConfigError(
        `loss.perceptual is ${loss.perceptual} but no perceptual net is given; give --efficientnet, or --lpips-net and --lpips-linear, or set it to 0`,
      );
    }
    const { device } = vae.vars;
    this.#config = config;
    this.#vae = vae;
    this.#loader = loader ?? localCrops(config, { sources: [memorySource(clips)], ranks });
    this.#ranks = ranks;
    this.#perceptual = loss.perceptual > 0 ? perceptual : undefined;
    this.#aux = Vars.root({ device, seed: settings.seed + 1 });
    this.#judgeVars = Vars.root({ device, seed: settings.seed + 2 });
    const regularised = model.encoderResidual && loss.imageDecoder > 0;
    this.#imageDecoder = regularised ? newImageDecoder(this.#aux, config) : undefined;
    this.#judges = ([2, 3] as const).flatMap((dims) => {
      const weight = dims === 2 ? loss.gan2d : loss.gan3d;
      if (weight === 0) return [];
      const vars = this.#judgeVars.sub(`discriminator_${dims}d`);
      const net = new PatchDiscriminator(vars, { ...discriminator, dims });
      return [{ net, weight, moving: dims === 3 }];
    });
  }

  /** What {@linkcode Trainer} takes. */
  task(): TrainTask {
    const parameters = new Map<string, Tensor>([
      ...this.#vae.vars.parameters(),
      ...[...this.#aux.parameters()].map(([name, value]) => [`aux.${name}`, value] as const),
    ]);
    const adversary = {
      parameters: this.#judgeVars.parameters(),
      startStep: this.#config.loss.ganStart,
      loss: () => this.#judgesLoss(),
    };
    return {
      parameters,
      config: this.#config,
      loss: (step, micro) => this.#loss(step, micro),
      data: {
        ready: (step) => this.#meter.wait(this.#loader.ready(step)),
        take: () => this.#meter.take(),
      },
      ...this.#judges.length > 0 && { adversary },
    };
  }

  /** Mean over the ranks' parts of the batch. */
  readonly #average = (x: Tensor): Tensor => this.#ranks.mean(x);

  #loss(step: number, micro: number): Tensor {
    const { settings, loss: weights } = this.#config;
    const { device } = this.#vae.vars;
    const seed = microBatchSeed(settings, { step, micro });
    const crops = this.#loader.batch(micro);
    const batch = this.#meter.measure(() => vaeBatch(crops, device));
    const { rank, world } = this.#ranks;
    const [B] = crops.shape;
    this.#meter.count(B * world);
    // Latent noise of each rank's own; the crops are those of one whole batch.
    using noise = generator(sampleSeed(seed, B * rank), device);
    const random = new Random(seed);
    const { total, restored } = vaeLoss(this.#vae, batch, {
      weights,
      generator: noise,
      imageDecoder: this.#imageDecoder,
      average: this.#average,
    });
    const pair = { video: batch.video, restored };
    let loss = total;
    if (this.#perceptual) loss = add(loss, mul(this.#distance(pair, random), weights.perceptual));
    if (this.#judges.length > 0 && step >= weights.ganStart) {
      const fooling = this.#fooling(restored, loss);
      if (fooling) loss = add(loss, fooling);
      this.#latest = { video: batch.video, restored: detach(restored) };
    }
    return loss;
  }

  /** Perceptual distance over some frames, the same ones of every clip. */
  #distance({ video, restored }: Pair, random: Random): Tensor {
    return scope(() => {
      const F = video.shape[2];
      const count = Math.min(this.#config.loss.perceptualFrames, F);
      const first = random.int(F);
      const frames = Array.from(
        { length: count },
        (_, i) => (first + i * Math.ceil(F / count)) % F,
      );
      const index = tensor(frames, { dtype: "int64", device: video.device });
      const pictures = (clip: Tensor): Tensor => {
        const [B, C, , H, W] = clip.shape;
        return reshape(transpose(indexSelect(clip, 2, index), 1, 2), [B * count, C, H, W]);
      };
      return mean(this.#perceptual!.forward(pictures(restored), pictures(video)));
    });
  }

  /** The discriminators that judge clips of this length. */
  #judgesOf(video: Tensor): readonly Judge[] {
    return this.#judges.filter(({ moving }) => !moving || video.shape[2] > 1);
  }

  /** The adversarial terms of the VideoVAE itself; none where nobody judges. */
  #fooling(restored: Tensor, reconstruction: Tensor): Tensor | undefined {
    const judges = this.#judgesOf(restored);
    if (judges.length === 0) return undefined;
    return scope(() => {
      const terms = judges.map(({ net, weight }) => {
        const adversarial = generatorLoss(net.forward(restored));
        const lastLayer = this.#vae.lastLayer;
        const factor = this.#config.loss.ganAdaptive
          ? adaptiveWeight({ reconstruction, adversarial, lastLayer, average: this.#average })
          : 1;
        return mul(adversarial, weight * factor);
      });
      return terms.reduce((total, term) => add(total, term));
    });
  }

  /** The discriminators' own loss on the last reconstruction. */
  #judgesLoss(): Tensor {
    const { video, restored } = this.#latest!;
    return scope(() => {
      const terms = this.#judgesOf(video).map(({ net }) => {
        const hinge = hingeLoss(net.forward(video), net.forward(restored));
        const { r1 } = this.#config.loss;
        return r1 > 0 ? add(hinge, mul(r1Penalty((x) => net.forward(x), video), r1 / 2)) : hinge;
      });
      // Pictures, and a judge of videos alone: there is nothing to learn.
      const [any] = this.#judgeVars.parameters().values();
      const nothing = terms.length > 0 ? [] : [mul(sum(any), 0)];
      return [...terms, ...nothing].reduce((total, term) => add(total, term));
    });
  }

  /** Frees the auxiliary nets; the VideoVAE stays. */
  dispose(): void {
    this.#aux.dispose();
    this.#judgeVars.dispose();
  }
}

function newImageDecoder(vars: Vars, { model }: VaeTrainConfig): ImageDecoder {
  return new ImageDecoder(vars, {
    latentChannels: model.latentChannels,
    temporalFactor: temporalFactor(model),
    spatialFactor: spatialFactor(model),
    width: 64,
    normGroups: 16,
  });
}
