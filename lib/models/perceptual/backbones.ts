// N images, C channels, H height, W width

/**
 * The convolutional parts of VGG16, AlexNet and SqueezeNet 1.1, whose variables are called as in
 * torchvision (`features.0.weight`), cut where LPIPS reads them.
 * @module
 */
import { Conv2d, type Vars } from "../../nn/mod.ts";
import { cat, maxPool2d, relu, scope, type Tensor } from "../../tensor/mod.ts";

/** Backbones of LPIPS. */
export const backboneNames = ["vgg16", "alexnet", "squeezenet1_1"] as const;

/** Name of a backbone, as torchvision has it. */
export type BackboneName = typeof backboneNames[number];

/** Those, and this project's own: a small SqueezeNet that learned from rendered people. */
export type BackboneKind = BackboneName | "synth_squeeze";

type LayerSpec =
  | { readonly kind: "conv"; readonly shape: readonly [number, number, number, number, number] }
  | { readonly kind: "relu" }
  | { readonly kind: "pool"; readonly size: number; readonly ceil: boolean }
  | { readonly kind: "fire"; readonly channels: readonly [number, number, number] };

/** in, out, kernel, stride, padding */
const conv = (...shape: [number, number, number, number, number]): LayerSpec => ({
  kind: "conv",
  shape,
});
const activation: LayerSpec = { kind: "relu" };
const pool = (size: number, ceil = false): LayerSpec => ({ kind: "pool", size, ceil });
/** in, squeezed, expanded by each of the two convolutions */
const fire = (...channels: [number, number, number]): LayerSpec => ({ kind: "fire", channels });

interface BackboneSpec {
  readonly layers: readonly LayerSpec[];
  /** Indices of the layers whose outputs are read. */
  readonly taps: readonly number[];
  /** Channels of the outputs. */
  readonly channels: readonly number[];
  /** Smallest side that leaves at least one position. */
  readonly smallest: number;
}

/** Stages of VGG16: channels, and how many convolutions. */
const VGG_STAGES = [[64, 2], [128, 2], [256, 3], [512, 3], [512, 3]] as const;

function vggLayers(): LayerSpec[] {
  let inC = 3;
  return VGG_STAGES.flatMap(([outC, count], stage) => {
    const blocks = Array.from({ length: count }, () => {
      const layer = conv(inC, outC, 3, 1, 1);
      inC = outC;
      return [layer, activation];
    }).flat();
    return stage === 0 ? blocks : [pool(2), ...blocks];
  });
}

/** Architectures (torchvision) and the layers that LPIPS taps (Zhang et al. 2018). */
export const backboneSpecs: Readonly<Record<BackboneKind, BackboneSpec>> = {
  vgg16: {
    layers: vggLayers(),
    taps: [3, 8, 15, 22, 29],
    channels: [64, 128, 256, 512, 512],
    smallest: 16,
  },
  alexnet: {
    layers: [
      conv(3, 64, 11, 4, 2),
      activation,
      pool(3),
      conv(64, 192, 5, 1, 2),
      activation,
      pool(3),
      conv(192, 384, 3, 1, 1),
      activation,
      conv(384, 256, 3, 1, 1),
      activation,
      conv(256, 256, 3, 1, 1),
      activation,
    ],
    taps: [1, 4, 7, 9, 11],
    channels: [64, 192, 384, 256, 256],
    smallest: 35,
  },
  squeezenet1_1: {
    layers: [
      conv(3, 64, 3, 2, 0),
      activation,
      pool(3, true),
      fire(64, 16, 64),
      fire(128, 16, 64),
      pool(3, true),
      fire(128, 32, 128),
      fire(256, 32, 128),
      pool(3, true),
      fire(256, 48, 192),
      fire(384, 48, 192),
      fire(384, 64, 256),
      fire(512, 64, 256),
    ],
    taps: [1, 4, 7, 9, 10, 11, 12],
    channels: [64, 128, 256, 384, 384, 512, 512],
    smallest: 17,
  },
  synth_squeeze: {
    layers: [
      conv(3, 32, 3, 2, 1),
      activation,
      pool(3, true),
      fire(32, 16, 32),
      fire(64, 16, 32),
      pool(3, true),
      fire(64, 24, 64),
      fire(128, 24, 64),
      fire(128, 32, 96),
    ],
    taps: [1, 4, 7, 8],
    channels: [32, 64, 128, 192],
    smallest: 16,
  },
};

/** A backbone's convolutions; images in, the tapped activations out. */
export class Backbone {
  readonly #spec: BackboneSpec;
  readonly #layers: readonly ((x: Tensor) => Tensor)[];

  /** Registers `features.i…` in `vars`. */
  constructor(vars: Vars, name: BackboneKind) {
    this.#spec = backboneSpecs[name];
    const features = vars.sub("features");
    this.#layers = this.#spec.layers.map((layer, i) => makeLayer(features.sub(i), layer));
  }

  /** Channels of each output. */
  get channels(): readonly number[] {
    return this.#spec.channels;
  }

  /** Shortest side of an image that it takes. */
  get smallest(): number {
    return this.#spec.smallest;
  }

  /** Images [N,3,H,W] → activations [N,C,H',W'], fine to coarse. */
  forward(images: Tensor): Tensor[] {
    return scope(() => {
      const taps: Tensor[] = [];
      let x = images;
      for (const [i, layer] of this.#layers.entries()) {
        x = layer(x);
        if (this.#spec.taps.includes(i)) taps.push(x);
      }
      return taps;
    });
  }
}

function makeLayer(vars: Vars, layer: LayerSpec): (x: Tensor) => Tensor {
  if (layer.kind === "relu") return relu;
  if (layer.kind === "pool") {
    const options = { stride: 2, ceilMode: layer.ceil };
    return (x) => maxPool2d(x, layer.size, options);
  }
  if (layer.kind === "fire") return fireModule(vars, layer.channels);
  const [inC, outC, kernel, stride, padding] = layer.shape;
  const convolution = new Conv2d(vars, inC, outC, { kernel, stride, padding });
  return (x) => convolution.forward(x);
}

/** SqueezeNet's module: squeeze by 1×1, then 1×1 and 3×3 beside each other. */
function fireModule(
  vars: Vars,
  [inC, squeezed, expanded]: readonly [number, number, number],
): (x: Tensor) => Tensor {
  const squeeze = new Conv2d(vars.sub("squeeze"), inC, squeezed, { kernel: 1 });
  const one = new Conv2d(vars.sub("expand1x1"), squeezed, expanded, { kernel: 1 });
  const three = new Conv2d(vars.sub("expand3x3"), squeezed, expanded, { kernel: 3, padding: 1 });
  return (x) =>
    scope(() => {
      const hidden = relu(squeeze.forward(x));
      return cat([relu(one.forward(hidden)), relu(three.forward(hidden))], 1);
    });
}
