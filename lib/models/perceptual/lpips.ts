// N images, C channels

import { InputError } from "../../errors.ts";
import type { Init, Vars } from "../../nn/mod.ts";
import {
  add,
  conv2d,
  div,
  full,
  mean,
  mul,
  reshape,
  scope,
  sqrt,
  sub,
  sum,
  type Tensor,
  tensor,
} from "../../tensor/mod.ts";
import { Backbone, type BackboneKind, backboneSpecs } from "./backbones.ts";

/** How different images look: what a perceptual loss and metrics take. */
export interface PerceptualDistance {
  /** Images [N,3,H,W] in −1..1, both alike → distances [N], 0 for equal ones. */
  readonly forward: (images: Tensor, others: Tensor) => Tensor;
}

/** The package's input scaling: ImageNet's mean and deviation for values in −1..1. */
const SHIFT = [-0.030, -0.088, -0.188];
const SCALE = [0.458, 0.448, 0.450];

/**
 * LPIPS, learned perceptual image patch similarity (Zhang et al. 2018, v0.1): distances of unit
 * feature vectors in each tapped layer, weighed by a learned non-negative factor a channel, averaged
 * over positions, added over layers.
 *
 * Variables: `net.features.…` (torchvision's), `lins.i.weight` [1,C,1,1].
 */
export class Lpips implements PerceptualDistance {
  readonly #backbone: Backbone;
  readonly #weights: readonly Tensor[];

  /** Registers the net in `vars`. Its weights come from files; fresh ones mean nothing. */
  constructor(vars: Vars, name: BackboneKind) {
    this.#backbone = new Backbone(vars.sub("net"), name);
    this.#weights = backboneSpecs[name].channels.map((C, i) =>
      vars.sub("lins").sub(i).parameter("weight", [1, C, 1, 1], evenly(C))
    );
  }

  /**
   * Images [N,3,H,W] in −1..1, both alike → distances [N].
   *
   * @throws InputError when a side is shorter than the backbone needs
   */
  forward(images: Tensor, others: Tensor): Tensor {
    const [N, , H, W] = images.shape;
    const { smallest } = this.#backbone;
    if (Math.min(H, W) < smallest) {
      throw new InputError(
        `LPIPS of ${W}×${H} images: its backbone needs ${smallest} pixels a side`,
      );
    }
    return scope(() => {
      const ours = this.#backbone.forward(scaledImages(images));
      const theirs = this.#backbone.forward(scaledImages(others));
      const terms = ours.map((features, i) => {
        const difference = sub(unitVectors(features), unitVectors(theirs[i]));
        const weighed = conv2d(mul(difference, difference), this.#weights[i]);
        return mean(weighed, { dim: [1, 2, 3] });
      });
      return reshape(terms.reduce((total, term) => add(total, term)), [N]);
    });
  }
}

/** Every channel counts alike. */
function evenly(channels: number): Init {
  return { kind: "computed", make: () => full([1, channels, 1, 1], 1 / channels) };
}

/** Images in −1..1 as all backbones take them: by ImageNet's mean and deviation. */
export function scaledImages(images: Tensor): Tensor {
  return scope(() => {
    const row = (values: readonly number[]) =>
      tensor([...values], { shape: [1, 3, 1, 1], device: images.device });
    return div(sub(images, row(SHIFT)), row(SCALE));
  });
}

/** Features [N,C,H,W] of length 1 over C. The small number keeps the root's gradient finite at 0. */
export function unitVectors(features: Tensor): Tensor {
  return scope(() => {
    const squares = sum(mul(features, features), { dim: [1], keepdim: true });
    return div(features, add(sqrt(add(squares, 1e-20)), 1e-10));
  });
}
