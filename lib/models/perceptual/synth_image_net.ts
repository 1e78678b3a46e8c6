// N images, C channels, H height, W width, h and w cells of 8 pixels, J joints

/**
 * This project's own network of frames: it learned from rendered people where joints are and what a
 * person covers. Its maps serve a perceptual distance; its answers find people in results.
 * @module
 */
import { allGiven, Conv2d, oneInit, Vars, zeroInit } from "../../nn/mod.ts";
import {
  type Device,
  div,
  full,
  inferenceMode,
  mul,
  narrow,
  scope,
  select,
  sigmoid,
  sub,
  sum,
  type Tensor,
  toFloat32,
  upsampleBilinear2dAa,
} from "../../tensor/mod.ts";
import { named, openState, ownConfig, type StateTensor } from "../state/mod.ts";
import { Backbone, backboneSpecs } from "./backbones.ts";
import { Lpips, scaledImages } from "./lpips.ts";
import type { LoadedLpips } from "./weights.ts";

/** Height that the network saw people at, in pixels. */
export const SYNTH_HEIGHT = 128;
/** Pixels of a cell of its maps. */
const SYNTH_CELL = 8;
const JOINTS = 24;
/** Share of a cell that a person must cover for there to be one, and may for there to be a scene. */
const INSIDE = 0.5;

/** What the network tells of pictures. */
export interface SynthMaps {
  /** [N,192,h,w]. */
  readonly features: Tensor;
  /** [N,24,h,w]: logits of the cell that a joint is in, over all cells. */
  readonly joints: Tensor;
  /** [N,1,h,w]: logits of the share of a cell that a person covers. */
  readonly cover: Tensor;
}

/** Mean features of a picture's person and of what is around, [192] each, where there is any. */
export interface SynthLooks {
  readonly person?: Float32Array;
  readonly scene?: Float32Array;
}

/**
 * Variables: `net.features.…`, `maps.weight`, `maps.bias`; `centre` and `spread` [2,192], means and
 * deviations of what {@linkcode SynthImageNet.looks} compares, the person's and the scene's.
 */
export class SynthImageNet {
  readonly #net: Backbone;
  readonly #maps: Conv2d;
  readonly #centre: Tensor;
  readonly #spread: Tensor;

  constructor(vars: Vars) {
    this.#net = new Backbone(vars.sub("net"), "synth_squeeze");
    const width = backboneSpecs.synth_squeeze.channels.at(-1)!;
    this.#maps = new Conv2d(vars.sub("maps"), width, JOINTS + 1, { kernel: 1 });
    this.#centre = vars.buffer("centre", [2, width], zeroInit);
    this.#spread = vars.buffer("spread", [2, width], oneInit);
  }

  /** Images [N,3,H,W] in −1..1, sides of multiples of 8. */
  forward(images: Tensor): SynthMaps {
    return scope(() => {
      const features = this.#net.forward(scaledImages(images)).at(-1)!;
      const maps = this.#maps.forward(features);
      return {
        features,
        joints: narrow(maps, 1, 0, JOINTS),
        cover: narrow(maps, 1, JOINTS, 1),
      };
    });
  }

  /**
   * What {@linkcode forward} tells of images of any size, brought to the height that it learned at;
   * `cover` as shares 0..1.
   */
  look(images: Tensor): SynthMaps {
    const [, , H, W] = images.shape;
    const width = Math.max(SYNTH_CELL, Math.round(W * SYNTH_HEIGHT / H / SYNTH_CELL) * SYNTH_CELL);
    return inferenceMode(() =>
      scope(() => {
        const { cover, ...maps } = this.forward(
          upsampleBilinear2dAa(images, [SYNTH_HEIGHT, width], false),
        );
        return { ...maps, cover: sigmoid(cover) };
      })
    );
  }

  /**
   * Mean features of the person and of the rest in the maps of one picture that {@linkcode look} gave,
   * less what all people and all scenes have in common.
   */
  looks({ features, cover }: SynthMaps): SynthLooks {
    return inferenceMode(() =>
      scope(() => {
        const shares = toFloat32(cover);
        const mean = (weights: Tensor, row: number): Float32Array => {
          const dim = [0, 2, 3];
          const raw = div(sum(mul(features, weights), { dim }), sum(weights));
          return toFloat32(
            div(sub(raw, select(this.#centre, 0, row)), select(this.#spread, 0, row)),
          );
        };
        return {
          ...shares.some((share) => share > INSIDE) ? { person: mean(cover, 0) } : {},
          ...shares.some((share) => share < INSIDE) ? { scene: mean(sub(1, cover), 1) } : {},
        };
      })
    );
  }
}

/** A loaded network; free it with `vars.dispose()`. */
export interface LoadedSynthImageNet {
  readonly net: SynthImageNet;
  readonly vars: Vars;
}

/**
 * Reads the network from a file of `isa4d train features --config image`, weights frozen.
 *
 * @throws InputError when the file is something else or lacks a tensor
 */
export async function loadSynthImageNet(
  path: string,
  { device = "cpu" }: { readonly device?: Device } = {},
): Promise<LoadedSynthImageNet> {
  const state = await openSynthState(path);
  const vars = Vars.root({ device, given: allGiven });
  try {
    const net = new SynthImageNet(vars);
    named(path, () => vars.load(state));
    vars.setRequiresGrad(false);
    return { net, vars };
  } catch (error) {
    vars.dispose();
    throw error;
  }
}

/**
 * A distance made as LPIPS is, of the same network's maps and with equal weights for all channels:
 * nobody was asked which of two pictures looks closer, so it is no LPIPS.
 *
 * @throws InputError when the file is something else or lacks a tensor
 */
export async function loadSynthPerceptual(
  path: string,
  { device = "cpu" }: { readonly device?: Device } = {},
): Promise<Omit<LoadedLpips, "backbone">> {
  const state = new Map<string, StateTensor | Tensor>();
  for (const [name, tensor] of await openSynthState(path)) {
    if (name.startsWith("net.")) state.set(name, tensor);
  }
  const vars = Vars.root({ device });
  try {
    const lpips = new Lpips(vars, "synth_squeeze");
    scope(() => {
      for (const [i, C] of backboneSpecs.synth_squeeze.channels.entries()) {
        state.set(`lins.${i}.weight`, div(full([1, C, 1, 1], 1), C));
      }
      named(path, () => vars.load(state));
    });
    vars.setRequiresGrad(false);
    return { lpips, vars };
  } catch (error) {
    vars.dispose();
    throw error;
  }
}

async function openSynthState(path: string): Promise<ReadonlyMap<string, StateTensor>> {
  const state = await openState(path);
  ownConfig(state, { kind: "synth_image_net", called: "image network of isa4d" });
  return state.tensors;
}
