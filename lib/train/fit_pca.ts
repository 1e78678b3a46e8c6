// D values of a block, C latent channels, f temporal factor, s spatial factor

/**
 * Fits VideoVAE's linear latent: principal components of blocks of f frames × s × s pixels.
 * @module
 */
import { ConfigError, InputError } from "../errors.ts";
import { Random } from "../geometry/mod.ts";
import type { Frames } from "../io/mod.ts";
import type { PcaBasis } from "../models/video_vae/mod.ts";
import {
  add_,
  clamp,
  contiguous,
  div,
  flip,
  item,
  linalgEigh,
  matmul,
  mul,
  narrow,
  noGrad,
  reshape,
  scope,
  sqrt,
  sub,
  sum,
  type Tensor,
  tensor,
  to,
  transpose,
  unsqueeze,
  zeros,
} from "../tensor/mod.ts";
import { fitSynthesis } from "./fit_pca_synthesis.ts";
import type { MaskedClip } from "./train_vae_data.ts";

/** Sizes and sampling of a fit. */
export interface PcaFitOptions {
  /** C. */
  readonly latentChannels: number;
  /** f. */
  readonly temporalFactor: number;
  /** s. */
  readonly spatialFactor: number;
  /** Blocks drawn from each clip. */
  readonly blocksPerClip: number;
  /**
   * Share of the blocks drawn where the mask is: a person covers a small part of the picture, and
   * its details matter most.
   */
  readonly personShare: number;
  /** Share of blocks that repeat one frame, as latent 0 and images do. */
  readonly stillShare: number;
  /** Deviation of the noise on latents that the decoder is made for; regularises its fit. */
  readonly latentNoise: number;
  /** Of the blocks' choice. */
  readonly seed: number;
}

/** What {@linkcode fitPca} found. */
export interface PcaFit {
  /** The map; the caller frees its tensors. */
  readonly basis: PcaBasis;
  /** Blocks that went in. */
  readonly blocks: number;
  /** Share of the blocks' variance that the components hold. */
  readonly explained: number;
}

/** Variance of rounding to 8 bits: a direction with less holds nothing that could be whitened. */
const QUANTISATION = (2 / 255) ** 2 / 12;

/** The values of the shipped latent. */
export const pcaFitDefaults: PcaFitOptions = {
  latentChannels: 16,
  temporalFactor: 4,
  spatialFactor: 8,
  blocksPerClip: 256,
  personShare: 0.5,
  stillShare: 0.2,
  latentNoise: 0.1,
  seed: 0,
};

/**
 * Mean and covariance of sampled blocks, their leading eigenvectors, whitened: every channel has
 * variance 1 over the sampled blocks. Then the least-squares decoder for those latents. `clips` are
 * gone through twice. The basis is the caller's to free.
 *
 * @throws InputError when there are fewer blocks than a covariance needs
 */
export async function fitPca(
  clips: AsyncIterable<MaskedClip> | Iterable<MaskedClip>,
  options: PcaFitOptions = pcaFitDefaults,
): Promise<PcaFit> {
  const { blocks, explained, mean, analysis } = await fitAnalysis(clips, options);
  try {
    return {
      basis: { mean, analysis, ...await fitSynthesis(clips, { mean, analysis }, options) },
      blocks,
      explained,
    };
  } catch (error) {
    mean.dispose();
    analysis.dispose();
    throw error;
  }
}

/** The linear encoder. */
interface Analysis {
  readonly blocks: number;
  readonly explained: number;
  readonly mean: Tensor;
  readonly analysis: Tensor;
}

async function fitAnalysis(
  clips: AsyncIterable<MaskedClip> | Iterable<MaskedClip>,
  options: PcaFitOptions,
): Promise<Analysis> {
  const { temporalFactor: f, spatialFactor: s } = options;
  const D = 3 * f * s * s;
  using total = zeros([D], { dtype: "float64" });
  using products = zeros([D, D], { dtype: "float64" });
  let blocks = 0;
  for await (const clip of clips) {
    const rows = sampleBlocks(clip, options, new Random(options.seed + blocks));
    blocks += rows.length / D;
    scope(() => {
      const x = tensor(rows, { shape: [rows.length / D, D] });
      add_(total, sum(to(x, { dtype: "float64" }), { dim: [0] }));
      // Exact enough in float32: a few hundred products of values in −1..1.
      add_(products, to(matmul(transpose(x, 0, 1), x), { dtype: "float64" }));
    });
  }
  if (blocks <= D) throw new InputError(`${blocks} blocks do not make a covariance of ${D}²`);
  return { blocks, ...principalComponents(total, products, blocks, options) };
}

function principalComponents(
  total: Tensor,
  products: Tensor,
  blocks: number,
  { latentChannels: C }: PcaFitOptions,
): Omit<Analysis, "blocks"> {
  const [D] = total.shape;
  if (C > D) throw new ConfigError(`${C} latent channels from blocks of ${D} values`);
  return noGrad(() =>
    scope(() => {
      const mean = div(total, blocks);
      const outer = mul(unsqueeze(mean, 1), unsqueeze(mean, 0));
      const covariance = sub(div(products, blocks), outer);
      const [values, vectors] = linalgEigh(covariance); // ascending
      const variance = flip(narrow(values, 0, D - C, C), [0]);
      const components = flip(narrow(vectors, 1, D - C, C), [1]);
      const deviation = reshape(sqrt(clamp(variance, { min: QUANTISATION })), [1, C]);
      return {
        mean: to(mean, { dtype: "float32" }),
        analysis: to(contiguous(transpose(div(components, deviation), 0, 1)), { dtype: "float32" }),
        explained: item(sum(variance)) / item(sum(values)),
      };
    })
  );
}

interface Block {
  /** First frame. */
  readonly t: number;
  /** Top left pixel. */
  readonly y: number;
  readonly x: number;
}

/** Values in −1..1 of `blocksPerClip` random blocks [n, 3, f, s, s] on the latents' own grid. */
function sampleBlocks(clip: MaskedClip, options: PcaFitOptions, random: Random): Float32Array {
  const { temporalFactor: f, spatialFactor: s, blocksPerClip, personShare, stillShare } = options;
  const all = blocksOf(clip, options);
  if (all.length === 0) {
    const { width, height, count } = clip.frames;
    throw new InputError(
      `a clip of ${count} frames of ${width}×${height} holds no block of ${f}×${s}×${s}`,
    );
  }
  const onPerson = all.filter((block) => touches(clip, block, options));
  const values = new Float32Array(blocksPerClip * 3 * f * s * s);
  for (let i = 0; i < blocksPerClip; i++) {
    const wanted = random.float() < personShare && onPerson.length > 0 ? onPerson : all;
    const block = random.pick(wanted);
    const still = random.float() < stillShare;
    const { t } = block;
    const times = Array.from({ length: f }, (_, k) => still ? t : t + k);
    copyBlock(clip.frames, { ...block, times, side: s }, values.subarray(i * 3 * f * s * s));
  }
  return values;
}

/** All blocks that latents after the first stand for. */
function blocksOf({ frames }: MaskedClip, { temporalFactor: f, spatialFactor: s }: PcaFitOptions) {
  const blocks: Block[] = [];
  for (let t = 1; t + f <= frames.count; t += f) {
    for (let y = 0; y + s <= frames.height; y += s) {
      for (let x = 0; x + s <= frames.width; x += s) blocks.push({ t, y, x });
    }
  }
  return blocks;
}

function touches(
  { frames, mask }: MaskedClip,
  { t, y, x }: Block,
  options: PcaFitOptions,
): boolean {
  const { temporalFactor: f, spatialFactor: s } = options;
  const { width, height } = frames;
  for (let k = t; k < t + f; k++) {
    for (let row = y; row < y + s; row++) {
      const start = (k * height + row) * width + x;
      if (mask.subarray(start, start + s).some((value) => value > 0)) return true;
    }
  }
  return false;
}

/** Writes one block as [3, times, side, side] to the front of `out`. */
function copyBlock(
  { data, width, height }: Frames,
  { times, y, x, side }: {
    readonly times: readonly number[];
    readonly y: number;
    readonly x: number;
    readonly side: number;
  },
  out: Float32Array,
): void {
  let at = 0;
  for (let colour = 0; colour < 3; colour++) {
    for (const t of times) {
      for (let row = y; row < y + side; row++) {
        const start = ((t * height + row) * width + x) * 3 + colour;
        for (let column = 0; column < side; column++) {
          out[at++] = data[start + column * 3] / 127.5 - 1;
        }
      }
    }
  }
}
