// n positions, C latent channels, D values of a block, f temporal factor, s spatial factor

/**
 * Fits the linear latent's decoder: ridge regression from a latent, its neighbours and the latents
 * before them to the block's pixels.
 * @module
 */
import { type PcaBasis, stillMean } from "../models/video_vae/mod.ts";
import {
  add,
  add_,
  amax,
  cat,
  conv3d,
  div,
  expand,
  item,
  linalgEigh,
  linear,
  matmul,
  mul,
  narrow,
  neg,
  noGrad,
  pad,
  permute,
  reshape,
  scope,
  stack,
  sub,
  sum,
  type Tensor,
  to,
  transpose,
  zeros,
} from "../tensor/mod.ts";
import { type MaskedClip, wholeClip } from "./train_vae_data.ts";

/** Sizes of the map, and how it is regularised. */
export interface SynthesisOptions {
  /** C. */
  readonly latentChannels: number;
  /** f. */
  readonly temporalFactor: number;
  /** s. */
  readonly spatialFactor: number;
  /** Deviation of the noise on latents that the decoder is made for. */
  readonly latentNoise: number;
}

/** Blocks that hold a part of the person count so many times. */
const PERSON_WEIGHT = 3;

/** Sums of a weighted regression of targets [n, D] on features [n, K]. */
class Regression {
  readonly #features: Tensor;
  readonly #targets: Tensor;
  #weight = 0;

  constructor(K: number, D: number) {
    this.#features = zeros([K, K], { dtype: "float64" });
    this.#targets = zeros([K, D], { dtype: "float64" });
  }

  add(x_nK: Tensor, y_nD: Tensor, weight_n1: Tensor): void {
    const xw = transpose(mul(x_nK, weight_n1), 0, 1);
    add_(this.#features, to(matmul(xw, x_nK), { dtype: "float64" }));
    add_(this.#targets, to(matmul(xw, y_nD), { dtype: "float64" }));
    this.#weight += item(sum(weight_n1));
  }

  /** The map [D, K]; features are taken to carry white noise of deviation `noise`. */
  solve(noise: number): Tensor {
    const [values, vectors] = linalgEigh(div(this.#features, this.#weight));
    const inverse = matmul(
      div(vectors, reshape(add(values, noise ** 2 + 1e-6), [1, -1])),
      transpose(vectors, 0, 1),
    );
    const map_KD = matmul(inverse, div(this.#targets, this.#weight));
    return to(transpose(map_KD, 0, 1), { dtype: "float32" });
  }

  dispose(): void {
    this.#features.dispose();
    this.#targets.dispose();
  }
}

/** The decoder's kernels for the latents of `analysis`; the caller frees them. */
export async function fitSynthesis(
  clips: AsyncIterable<MaskedClip> | Iterable<MaskedClip>,
  encoder: Pick<PcaBasis, "mean" | "analysis">,
  options: SynthesisOptions,
): Promise<Pick<PcaBasis, "synthesis" | "still">> {
  const { latentChannels: C, temporalFactor: f, spatialFactor: s, latentNoise } = options;
  const [P, D] = [3 * s * s, 3 * f * s * s];
  const blocks = new Regression(C * 18, D);
  const stills = new Regression(C * 9, P);
  try {
    for await (const clip of clips) {
      noGrad(() => scope(() => addClip(clip, encoder, options, { blocks, stills })));
    }
    return noGrad(() =>
      scope(() => ({
        synthesis: reshape(blocks.solve(latentNoise), [D, C, 2, 3, 3]),
        still: reshape(stills.solve(latentNoise), [P, C, 1, 3, 3]),
      }))
    );
  } finally {
    blocks.dispose();
    stills.dispose();
  }
}

function addClip(
  clip: MaskedClip,
  { mean, analysis }: Pick<PcaBasis, "mean" | "analysis">,
  { latentChannels: C, temporalFactor: f, spatialFactor: s }: SynthesisOptions,
  { blocks, stills }: { readonly blocks: Regression; readonly stills: Regression },
): void {
  const { video, mask } = wholeClip(clip, { step: s });
  const side = { f, s };
  const kernel = reshape(analysis, [C, 3, f, s, s]);
  const offset = reshape(linear(reshape(mean, [1, -1]), analysis), [C]);
  const encode = (x: Tensor): Tensor => conv3d(x, kernel, { bias: neg(offset), stride: [f, s, s] });
  const latents = encode(
    cat([repeat(narrow(video, 2, 0, 1), f), narrow(video, 2, 1, video.shape[2] - 1)], 2),
  );
  const later = (x: Tensor): Tensor => narrow(x, 2, 1, x.shape[2] - 1);
  if (latents.shape[2] > 1) {
    const targets = sub(blockRows(later(video), side), mean);
    blocks.add(neighbours(latents, 2), targets, weights(later(mask), side));
  }
  // Every fourth frame as an image: one a clip would be few.
  const picked = Array.from({ length: latents.shape[2] }, (_, k) => narrow(video, 2, k * f, 1));
  const covers = picked.map((_, k) => narrow(mask, 2, k * f, 1));
  const images = cat(picked, 0);
  const still = encode(repeat(images, f));
  const targets = sub(
    blockRows(images, { f: 1, s }),
    stillMean(mean, { temporalFactor: f, spatialFactor: s }),
  );
  stills.add(neighbours(still, 1), targets, weights(cat(covers, 0), { f: 1, s }));
}

function repeat(frame: Tensor, count: number): Tensor {
  const [B, C, , H, W] = frame.shape;
  return expand(frame, [B, C, count, H, W]);
}

/** Latents [B,C,T,h,w] → values of kernels of `depth`×3×3 around each position, [n, C·depth·9]. */
function neighbours(z: Tensor, depth: number): Tensor {
  const [B, C, T, h, w] = z.shape;
  const wide = pad(z, [1, 1, 1, 1]);
  const n = T - depth + 1;
  const taps: Tensor[] = [];
  for (let t = 0; t < depth; t++) {
    for (let y = 0; y < 3; y++) {
      for (let x = 0; x < 3; x++) {
        taps.push(narrow(narrow(narrow(wide, 2, t, n), 3, y, h), 4, x, w));
      }
    }
  }
  const all = permute(stack(taps, 2), [0, 3, 4, 5, 1, 2]);
  return reshape(all, [B * n * h * w, C * depth * 9]);
}

/** [B,c,T·f,H,W] → blocks [n, c·f·s·s]. */
function blockRows(x: Tensor, { f, s }: { readonly f: number; readonly s: number }): Tensor {
  const [B, c, F, H, W] = x.shape;
  const cut = reshape(x, [B, c, F / f, f, H / s, s, W / s, s]);
  const rows = permute(cut, [0, 2, 4, 6, 1, 3, 5, 7]);
  return reshape(rows, [B * (F / f) * (H / s) * (W / s), c * f * s * s]);
}

function weights(mask: Tensor, side: { readonly f: number; readonly s: number }): Tensor {
  const touched = amax(blockRows(mask, side), { dim: [1], keepdim: true });
  return add(mul(touched, PERSON_WEIGHT - 1), 1);
}
