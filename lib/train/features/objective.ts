// N frames or clips, C channels, J joints, P cells of a map, D features

/**
 * What feature networks are asked, and how wrong their answers are.
 * @module
 */
import { JOINT_COUNT } from "../../geometry/mod.ts";
import { SYNTH_HEIGHT, SynthImageNet } from "../../models/perceptual/mod.ts";
import { SynthVideoNet, type SynthVideoNetConfig } from "../../models/video_features/mod.ts";
import { Linear, Vars } from "../../nn/mod.ts";
import {
  add,
  argmax,
  bceWithLogits,
  type Device,
  div,
  eq,
  flatten,
  fromBytes,
  gather,
  item,
  logSoftmax,
  mean,
  mseLoss,
  mul,
  narrow,
  neg,
  permute,
  scope,
  sub,
  sum,
  type Tensor,
  tensor,
  to,
  toNumbers,
  upsampleBilinear2dAa,
} from "../../tensor/mod.ts";
import { CELLS, CLIP_FACTS, type ClipSample, type FrameSample } from "./samples.ts";

/** Measured answers to held-out samples. */
export type FeatureQuality = Readonly<Record<string, number>>;

/** A network, its heads and what it is asked. */
export interface FeatureTask<Sample> {
  readonly vars: Vars;
  /** The name in the written file of a variable that stays after training. */
  keptName(name: string): string | undefined;
  /** Scalar. */
  loss(samples: readonly Sample[]): Tensor;
  /** Sums over samples of how right the answers are; divided by their number in the end. */
  quality(samples: readonly Sample[]): FeatureQuality;
}

const WIDTH = 192;

/** The network of frames: joints as cells of a map, the person's cover, two colours. */
export class FrameTask implements FeatureTask<FrameSample> {
  readonly vars: Vars;
  readonly #net: SynthImageNet;
  readonly #colours: Linear;

  constructor(seed: number, device: Device = "cpu") {
    this.vars = Vars.root({ seed, device });
    this.#net = new SynthImageNet(this.vars);
    this.#colours = new Linear(this.vars.sub("colours"), WIDTH, 6);
  }

  /** All but the head of colours. */
  keptName(name: string): string | undefined {
    return name.startsWith("colours.") ? undefined : name;
  }

  loss(samples: readonly FrameSample[]): Tensor {
    return scope(() => {
      const { joints_NJP, cover_NP, colours } = this.#answers(samples);
      const { index, seen, coverage, colours: wanted } = this.#wanted(samples);
      const picked = gather(logSoftmax(joints_NJP, 2), 2, index);
      const jointLoss = neg(div(sum(mul(picked, seen)), add(sum(seen), 1)));
      const coverLoss = bceWithLogits(cover_NP, coverage);
      const colourLoss = mseLoss(colours, wanted);
      return add(add(jointLoss, coverLoss), mul(colourLoss, 10));
    });
  }

  /** Share of joints in the right cell, and of cells rightly called covered; the colours' error. */
  quality(samples: readonly FrameSample[]): FeatureQuality {
    return scope(() => {
      const { joints_NJP, cover_NP, colours } = this.#answers(samples);
      const { index, seen, coverage, colours: wanted } = this.#wanted(samples);
      const found = argmax(joints_NJP, { dim: 2, keepdim: true });
      const wantedCells = toNumbers(index);
      const cells = toNumbers(found).map((cell, i) => [cell, wantedCells[i]]);
      const flags = toNumbers(seen);
      const near = cells.filter(([a, b], i) =>
        flags[i] === 1 && Math.abs(a % CELLS - b % CELLS) <= 1 &&
        Math.abs(Math.floor(a / CELLS) - Math.floor(b / CELLS)) <= 1
      );
      const covered = toNumbers(cover_NP).map((logit) => logit > 0);
      const right = toNumbers(coverage).filter((share, i) => (share > 0.5) === covered[i]).length;
      const difference = sub(colours, wanted);
      const n = samples.length;
      return {
        jointsNear: n * near.length / Math.max(1, flags.filter((flag) => flag === 1).length),
        coverRight: n * right / covered.length,
        colourSquares: n * item(mean(mul(difference, difference))),
      };
    });
  }

  #answers(samples: readonly FrameSample[]) {
    const { size } = samples[0];
    const pictures = clipTensor(samples, [samples.length, size, size, 3], this.vars.device);
    const { features, joints, cover } = this.#net.forward(
      atHeight(permute(pictures, [0, 3, 1, 2])),
    );
    return {
      joints_NJP: flatten(joints, { startDim: 2 }),
      cover_NP: flatten(cover, { startDim: 1 }),
      colours: this.#colours.forward(mean(features, { dim: [2, 3] })),
    };
  }

  #wanted(samples: readonly FrameSample[]) {
    const { device } = this.vars;
    const N = samples.length;
    const joints = samples.flatMap((sample) => [...sample.joints]);
    const rows = (key: "coverage" | "colours", width: number): Tensor =>
      tensor(Float32Array.from(samples.flatMap((sample) => [...sample[key]])), {
        shape: [N, width],
        device,
      });
    const shape = [N, JOINT_COUNT, 1];
    return {
      index: tensor(joints.map((cell) => Math.max(0, cell)), { shape, dtype: "int64", device }),
      seen: tensor(joints.map((cell) => cell < 0 ? 0 : 1), { shape, device }),
      coverage: rows("coverage", CELLS * CELLS),
      colours: rows("colours", 6),
    };
  }
}

/** Pictures at the size that the network is to know people at. */
function atHeight(pictures: Tensor): Tensor {
  if (pictures.shape[2] === SYNTH_HEIGHT) return pictures;
  return upsampleBilinear2dAa(pictures, [SYNTH_HEIGHT, SYNTH_HEIGHT], false);
}

/** Means and deviations of facts, by which answers are counted alike. */
export interface FactScale {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

/** Means and deviations over samples. */
export function factScale(samples: readonly ClipSample[]): FactScale {
  const mean = new Float32Array(CLIP_FACTS);
  const deviation = new Float32Array(CLIP_FACTS);
  for (let i = 0; i < CLIP_FACTS; i++) {
    const values = samples.map(({ facts }) => facts[i]);
    mean[i] = values.reduce((a, b) => a + b, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean[i]) ** 2, 0);
    deviation[i] = Math.max(1e-3, Math.sqrt(squares / values.length));
  }
  return { mean, deviation };
}

/** How many kinds of motion and of camera movement there are to tell apart. */
export interface ClipKinds {
  readonly motions: number;
  readonly cameras: number;
}

/** The network of clips: all answers are linear in its features. */
export class ClipTask implements FeatureTask<ClipSample> {
  readonly vars: Vars;
  readonly #net: SynthVideoNet;
  readonly #facts: Linear;
  readonly #kinds: readonly { readonly key: "motion" | "camera"; readonly head: Linear }[];
  readonly #scale: FactScale;

  constructor(
    config: SynthVideoNetConfig,
    { kinds, scale, seed, device = "cpu" }: {
      readonly kinds: ClipKinds;
      readonly scale: FactScale;
      readonly seed: number;
      readonly device?: Device;
    },
  ) {
    this.vars = Vars.root({ seed, device });
    this.#net = new SynthVideoNet(this.vars.sub("net"), config);
    const D = this.#net.dimensions;
    this.#facts = new Linear(this.vars.sub("facts"), D, CLIP_FACTS);
    this.#kinds = [
      { key: "motion", head: new Linear(this.vars.sub("motion"), D, kinds.motions) },
      { key: "camera", head: new Linear(this.vars.sub("camera"), D, kinds.cameras) },
    ];
    this.#scale = scale;
  }

  /** The network without its heads, at the root. */
  keptName(name: string): string | undefined {
    return name.startsWith("net.") ? name.slice("net.".length) : undefined;
  }

  loss(samples: readonly ClipSample[]): Tensor {
    return scope(() => {
      const features = this.#features(samples);
      const terms = this.#kinds.map(({ key, head }) => {
        const logs = logSoftmax(head.forward(features), 1);
        return neg(mean(gather(logs, 1, this.#classes(samples, key))));
      });
      const facts = mseLoss(this.#facts.forward(features), this.#wanted(samples));
      return terms.reduce((total, term) => add(total, term), mul(facts, 4));
    });
  }

  /** Share of kinds rightly told, and the share of the facts' variance that is left. */
  quality(samples: readonly ClipSample[]): FeatureQuality {
    return scope(() => {
      const features = this.#features(samples);
      const right = this.#kinds.map(({ key, head }) => {
        const told = argmax(head.forward(features), { dim: 1, keepdim: true });
        return item(sum(to(eq(told, this.#classes(samples, key)), { dtype: "float32" })));
      });
      const difference = sub(this.#facts.forward(features), this.#wanted(samples));
      const n = samples.length;
      const squares = mul(difference, difference);
      const left = (first: number, count: number): number =>
        n * item(mean(narrow(squares, 1, first, count)));
      const camera = CLIP_FACTS - 6;
      return {
        motionRight: right[0],
        cameraRight: right[1],
        jointsUnexplained: left(0, camera - 6),
        coloursUnexplained: left(camera - 6, 6),
        cameraUnexplained: left(camera, 6),
      };
    });
  }

  #features(samples: readonly ClipSample[]): Tensor {
    const { frames, size } = this.#net.config;
    const shape = [samples.length, frames, size, size, 3];
    return this.#net.forward(
      permute(clipTensor(samples, shape, this.vars.device), [0, 4, 1, 2, 3]),
    );
  }

  #classes(samples: readonly ClipSample[], key: "motion" | "camera"): Tensor {
    const shape = [samples.length, 1];
    const { device } = this.vars;
    return tensor(samples.map((sample) => sample[key]), { shape, dtype: "int64", device });
  }

  #wanted(samples: readonly ClipSample[]): Tensor {
    const { mean, deviation } = this.#scale;
    const values = samples.flatMap(({ facts }) =>
      Array.from(facts, (value, i) => (value - mean[i]) / deviation[i])
    );
    return tensor(values, { shape: [samples.length, CLIP_FACTS], device: this.vars.device });
  }
}

/** rgb24 of all samples → −1..1. */
function clipTensor(
  samples: readonly { readonly pixels: Uint8Array }[],
  shape: readonly number[],
  device: Device,
): Tensor {
  const bytes = new Uint8Array(samples.length * samples[0].pixels.length);
  samples.forEach(({ pixels }, i) => bytes.set(pixels, i * pixels.length));
  const raw = fromBytes(bytes, { shape, dtype: "uint8" });
  return sub(div(to(raw, { device, dtype: "float32" }), 127.5), 1);
}
