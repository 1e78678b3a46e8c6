// B clips, C channels, T frames, H height, W width

/**
 * I3D on RGB (Carreira and Zisserman 2017), the network of FVD, with the names of its usual PyTorch
 * checkpoint: `Conv3d_1a_7x7.conv3d.weight`, `Mixed_3b.b1b.bn.running_var`, `logits.conv3d.bias`.
 * @module
 */
import { InputError } from "../../errors.ts";
import { Conv3d, type Vars } from "../../nn/mod.ts";
import {
  avgPool3d,
  cat,
  constantPadNd,
  conv3d,
  maxPool3d,
  mean,
  permute,
  reshape,
  scope,
  type Tensor,
  upsampleBilinear2d,
} from "../../tensor/mod.ts";
import { ConvNorm } from "./conv_norm.ts";

type Triple = readonly [number, number, number];

/** Channels of the four branches: 1×1×1; reduced, 3×3×3; reduced, 3×3×3; after the pool. */
type Branches = readonly [number, number, number, number, number, number];

const MIXED: readonly (readonly [string, Branches])[] = [
  ["Mixed_3b", [64, 96, 128, 16, 32, 32]],
  ["Mixed_3c", [128, 128, 192, 32, 96, 64]],
  ["Mixed_4b", [192, 96, 208, 16, 48, 64]],
  ["Mixed_4c", [160, 112, 224, 24, 64, 64]],
  ["Mixed_4d", [128, 128, 256, 24, 64, 64]],
  ["Mixed_4e", [112, 144, 288, 32, 64, 64]],
  ["Mixed_4f", [256, 160, 320, 32, 128, 128]],
  ["Mixed_5b", [256, 160, 320, 32, 128, 128]],
  ["Mixed_5c", [384, 192, 384, 48, 128, 128]],
];

/** Side of the pictures that it was trained on. */
const I3D_SIZE = 224;
/** Its last pooling takes two steps of eight frames. */
export const I3D_FRAMES = 9;

/** I3D up to its 400 logits, which FVD compares. */
export class I3d {
  /** How many features a clip has. */
  readonly dimensions: number;
  readonly #parts: readonly ((x: Tensor) => Tensor)[];
  readonly #logits: Conv3d;

  /** Registers the checkpoint's names in `vars`; `divide` makes all layers narrower, for tests. */
  constructor(vars: Vars, { divide = 1 }: { readonly divide?: number } = {}) {
    const narrow = (channels: number): number => channels / divide;
    const unit = (name: string, inC: number, outC: number, kernel: number, stride = 1) =>
      convUnit(vars.sub(name), inC, narrow(outC), { kernel: [kernel, kernel, kernel], stride });
    const parts: ((x: Tensor) => Tensor)[] = [
      unit("Conv3d_1a_7x7", 3, 64, 7, 2),
      (x) => samePool(x, [1, 3, 3], [1, 2, 2]),
      unit("Conv3d_2b_1x1", narrow(64), 64, 1),
      unit("Conv3d_2c_3x3", narrow(64), 192, 3),
      (x) => samePool(x, [1, 3, 3], [1, 2, 2]),
    ];
    let inC = narrow(192);
    for (const [name, channels] of MIXED) {
      if (name === "Mixed_4b") parts.push((x) => samePool(x, [3, 3, 3], [2, 2, 2]));
      if (name === "Mixed_5b") parts.push((x) => samePool(x, [2, 2, 2], [2, 2, 2]));
      const branches = channels.map(narrow) as unknown as Branches;
      parts.push(mixed(vars.sub(name), inC, branches));
      inC = branches[0] + branches[2] + branches[4] + branches[5];
    }
    this.#parts = parts;
    this.dimensions = narrow(400);
    this.#logits = new Conv3d(vars.sub("logits").sub("conv3d"), inC, this.dimensions, {
      kernel: 1,
    });
  }

  /**
   * Clips [B,3,T,H,W] in −1..1, brought to 224×224 bilinearly → logits [B,400], means over time.
   *
   * @throws InputError for clips of fewer than 9 frames
   */
  forward(clips: Tensor): Tensor {
    const [B, , T] = clips.shape;
    if (T < I3D_FRAMES) {
      throw new InputError(`I3D takes clips of at least ${I3D_FRAMES} frames, found ${T}`);
    }
    return scope(() => {
      const maps = this.#parts.reduce((x, part) => part(x), resized(clips));
      const pooled = avgPool3d(maps, [2, 7, 7], { stride: 1 });
      return reshape(mean(this.#logits.forward(pooled), { dim: [2, 3, 4] }), [B, this.dimensions]);
    });
  }
}

function resized(clips: Tensor): Tensor {
  const [B, C, T, H, W] = clips.shape;
  if (H === I3D_SIZE && W === I3D_SIZE) return clips;
  return scope(() => {
    const frames = reshape(permute(clips, [0, 2, 1, 3, 4]), [B * T, C, H, W]);
    const square = upsampleBilinear2d(frames, [I3D_SIZE, I3D_SIZE], false);
    return permute(reshape(square, [B, T, C, I3D_SIZE, I3D_SIZE]), [0, 2, 1, 3, 4]);
  });
}

function convUnit(
  vars: Vars,
  inC: number,
  outC: number,
  { kernel, stride = 1 }: { readonly kernel: Triple; readonly stride?: number },
): (x: Tensor) => Tensor {
  const strides: Triple = [stride, stride, stride];
  const layer = new ConvNorm(vars, [outC, inC, ...kernel], {
    conv: "conv3d",
    convolve: (x, weight, bias) => conv3d(samePad(x, kernel, strides), weight, { bias, stride }),
  });
  return (x) => layer.forward(x);
}

function mixed(vars: Vars, inC: number, channels: Branches): (x: Tensor) => Tensor {
  const [one, reduced, three, reducedToo, threeToo, pooled] = channels;
  const unit = (name: string, inC: number, outC: number, kernel: number) =>
    convUnit(vars.sub(name), inC, outC, { kernel: [kernel, kernel, kernel] });
  const branches = [
    [unit("b0", inC, one, 1)],
    [unit("b1a", inC, reduced, 1), unit("b1b", reduced, three, 3)],
    [unit("b2a", inC, reducedToo, 1), unit("b2b", reducedToo, threeToo, 3)],
    [(x: Tensor) => samePool(x, [3, 3, 3], [1, 1, 1]), unit("b3b", inC, pooled, 1)],
  ];
  return (x) =>
    scope(() => cat(branches.map((branch) => branch.reduce((y, part) => part(y), x)), 1));
}

/** TensorFlow's SAME: zeros so that each stride begins in the picture, the odd one at the end. */
function samePad(x: Tensor, kernel: Triple, stride: Triple): Tensor {
  const pads = [2, 1, 0].flatMap((axis) => {
    const size = x.shape[2 + axis];
    const last = size % stride[axis] || stride[axis];
    const total = Math.max(0, kernel[axis] - last);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
  return pads.some((pad) => pad > 0) ? constantPadNd(x, pads) : x;
}

function samePool(x: Tensor, kernel: Triple, stride: Triple): Tensor {
  return scope(() => maxPool3d(samePad(x, kernel, stride), kernel, { stride }));
}
