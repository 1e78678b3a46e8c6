// N images, C channels, H height, W width

/**
 * InceptionV3 as FID has it, with torchvision's names: averages leave out the border's zeros, and the
 * last block takes a maximum.
 * @module
 */
import type { Vars } from "../../nn/mod.ts";
import {
  avgPool2d,
  cat,
  conv2d,
  maxPool2d,
  mean,
  scope,
  type Tensor,
  upsampleBilinear2d,
} from "../../tensor/mod.ts";
import { ConvNorm } from "./conv_norm.ts";

type Part = (x: Tensor) => Tensor;
type Pair = readonly [number, number];

/** Side of the pictures that it was trained on. */
const INCEPTION_SIZE = 299;

/** Makes layers of one block; knows how narrow the net is. */
class Block {
  readonly #vars: Vars;
  readonly #divide: number;
  readonly #inC: number;

  constructor(vars: Vars, inC: number, divide: number) {
    this.#vars = vars;
    this.#inC = inC;
    this.#divide = divide;
  }

  /** Convolutions one after the other: name, channels, kernel, and stride where it is no 1. */
  chain(...layers: readonly (readonly [string, number, number | Pair, number?])[]): Part {
    let inC = this.#inC;
    const parts = layers.map(([name, channels, kernel, stride = 1]) => {
      const part = unit(this.#vars.sub(name), inC, channels / this.#divide, { kernel, stride });
      inC = channels / this.#divide;
      return part;
    });
    return (x) => scope(() => parts.reduce((y, part) => part(y), x));
  }

  /** As `chain`, from a layer of so many channels. */
  after(channels: number): Block {
    return new Block(this.#vars, channels / this.#divide, this.#divide);
  }
}

/** A convolution that keeps the size; one with a stride has no border. */
function unit(
  vars: Vars,
  inC: number,
  outC: number,
  { kernel, stride, border = stride === 1 }: {
    readonly kernel: number | Pair;
    readonly stride: number;
    readonly border?: boolean;
  },
): Part {
  const size: Pair = typeof kernel === "number" ? [kernel, kernel] : kernel;
  const padding = border ? size.map((side) => (side - 1) / 2) : [0, 0];
  const layer = new ConvNorm(vars, [outC, inC, ...size], {
    conv: "conv",
    convolve: (x, weight, bias) => conv2d(x, weight, { bias, stride, padding }),
  });
  return (x) => layer.forward(x);
}

const average: Part = (x) => avgPool2d(x, 3, { stride: 1, padding: 1, countIncludePad: false });
const maximum: Part = (x) => maxPool2d(x, 3, { stride: 1, padding: 1 });
const halve: Part = (x) => maxPool2d(x, 3, { stride: 2 });

function beside(...branches: readonly Part[]): Part {
  return (x) => scope(() => cat(branches.map((branch) => branch(x)), 1));
}

function after(first: Part, then: Part): Part {
  return (x) => scope(() => then(first(x)));
}

function blockA(block: Block, pooled: number): Part {
  return beside(
    block.chain(["branch1x1", 64, 1]),
    block.chain(["branch5x5_1", 48, 1], ["branch5x5_2", 64, 5]),
    block.chain(["branch3x3dbl_1", 64, 1], ["branch3x3dbl_2", 96, 3], ["branch3x3dbl_3", 96, 3]),
    after(average, block.chain(["branch_pool", pooled, 1])),
  );
}

function blockB(block: Block): Part {
  return beside(
    block.chain(["branch3x3", 384, 3, 2]),
    block.chain(["branch3x3dbl_1", 64, 1], ["branch3x3dbl_2", 96, 3], ["branch3x3dbl_3", 96, 3, 2]),
    halve,
  );
}

function blockC(block: Block, c: number): Part {
  return beside(
    block.chain(["branch1x1", 192, 1]),
    block.chain(["branch7x7_1", c, 1], ["branch7x7_2", c, [1, 7]], ["branch7x7_3", 192, [7, 1]]),
    block.chain(
      ["branch7x7dbl_1", c, 1],
      ["branch7x7dbl_2", c, [7, 1]],
      ["branch7x7dbl_3", c, [1, 7]],
      ["branch7x7dbl_4", c, [7, 1]],
      ["branch7x7dbl_5", 192, [1, 7]],
    ),
    after(average, block.chain(["branch_pool", 192, 1])),
  );
}

function blockD(block: Block): Part {
  return beside(
    block.chain(["branch3x3_1", 192, 1], ["branch3x3_2", 320, 3, 2]),
    block.chain(
      ["branch7x7x3_1", 192, 1],
      ["branch7x7x3_2", 192, [1, 7]],
      ["branch7x7x3_3", 192, [7, 1]],
      ["branch7x7x3_4", 192, 3, 2],
    ),
    halve,
  );
}

function blockE(block: Block, pool: Part): Part {
  const fork = (name: string, letters: Pair | readonly [string, string]): Part => {
    const from = block.after(384);
    return beside(
      from.chain([`${name}_${letters[0]}`, 384, [1, 3]]),
      from.chain([`${name}_${letters[1]}`, 384, [3, 1]]),
    );
  };
  return beside(
    block.chain(["branch1x1", 320, 1]),
    after(block.chain(["branch3x3_1", 384, 1]), fork("branch3x3", ["2a", "2b"])),
    after(
      block.chain(["branch3x3dbl_1", 448, 1], ["branch3x3dbl_2", 384, 3]),
      fork("branch3x3dbl", ["3a", "3b"]),
    ),
    after(pool, block.chain(["branch_pool", 192, 1])),
  );
}

/** InceptionV3 up to its 2048 pooled features, which FID compares. */
export class InceptionV3 {
  /** How many features an image has. */
  readonly dimensions: number;
  readonly #parts: readonly Part[];

  /** Registers torchvision's names in `vars`; `divide` makes all layers narrower, for tests. */
  constructor(vars: Vars, { divide = 1 }: { readonly divide?: number } = {}) {
    const block = (name: string, channels: number): Block =>
      new Block(vars.sub(name), channels / divide, divide);
    const stem = (name: string, inC: number, outC: number, options: {
      readonly kernel: number;
      readonly stride?: number;
      readonly border?: boolean;
    }): Part => unit(vars.sub(name), inC, outC / divide, { stride: 1, border: false, ...options });
    this.#parts = [
      stem("Conv2d_1a_3x3", 3, 32, { kernel: 3, stride: 2 }),
      stem("Conv2d_2a_3x3", 32 / divide, 32, { kernel: 3 }),
      stem("Conv2d_2b_3x3", 32 / divide, 64, { kernel: 3, border: true }),
      halve,
      stem("Conv2d_3b_1x1", 64 / divide, 80, { kernel: 1 }),
      stem("Conv2d_4a_3x3", 80 / divide, 192, { kernel: 3 }),
      halve,
      blockA(block("Mixed_5b", 192), 32),
      blockA(block("Mixed_5c", 256), 64),
      blockA(block("Mixed_5d", 288), 64),
      blockB(block("Mixed_6a", 288)),
      blockC(block("Mixed_6b", 768), 128),
      blockC(block("Mixed_6c", 768), 160),
      blockC(block("Mixed_6d", 768), 160),
      blockC(block("Mixed_6e", 768), 192),
      blockD(block("Mixed_7a", 768)),
      blockE(block("Mixed_7b", 1280), average),
      blockE(block("Mixed_7c", 2048), maximum),
    ];
    this.dimensions = 2048 / divide;
  }

  /** Images [N,3,H,W] in −1..1, brought to 299×299 bilinearly → features [N,2048]. */
  forward(images: Tensor): Tensor {
    return scope(() => {
      const square = upsampleBilinear2d(images, [INCEPTION_SIZE, INCEPTION_SIZE], false);
      return mean(this.#parts.reduce((x, part) => part(x), square), { dim: [2, 3] });
    });
  }
}
