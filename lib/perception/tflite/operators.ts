// B batch, H height, W width, C channels, O channels out

/**
 * TensorFlow Lite's operators in libtorch's, as far as networks of persons use them.
 * @module
 */
import { InputError } from "../../errors.ts";
import {
  add,
  cat,
  constantPadNd,
  conv2d,
  linear,
  maxPool2d,
  mean,
  narrow,
  operator,
  permute,
  relu,
  reshape,
  scope,
  sigmoid,
  type Tensor,
  to,
  toNumbers,
  upsampleBilinear2d,
} from "../../tensor/mod.ts";
import type { Table } from "./flatbuffer.ts";
import type { GraphTensor } from "./read.ts";

/** What a step computes of the values that are no constants. */
export type Step = (values: readonly Tensor[]) => Tensor;

/** What is known of a step before it runs. */
export interface StepFacts {
  /** The network's file, for errors. */
  readonly path: string;
  readonly options?: Table;
  /** Shapes of its inputs as the file has them. */
  readonly shapes: readonly (readonly number[])[];
  /** Shape of its result as the file has it. */
  readonly result: readonly number[];
  /** A constant among the inputs as the file has it, if it is one. */
  readonly constant: (place: number) => Tensor | undefined;
  /** Pixels of zeros above and below, left and right, that a padding before this step would add. */
  readonly border: readonly [vertical: number, horizontal: number];
  /** Keeps a copy of a tensor on the network's device, until the network is disposed. */
  readonly weight: (value: Tensor) => Tensor;
}

/** Makes a step; throws {@linkcode InputError} for an operator, or a way to use one, that we lack. */
export function stepOf(code: number, facts: StepFacts): Step {
  const make = builders[code];
  if (make === undefined) throw unknown(facts, `operator ${code}`);
  return scope(() => make(facts));
}

const builders: Readonly<Record<number, (facts: StepFacts) => Step>> = {
  0: addition,
  2: concatenation,
  3: (facts) => convolution(facts, { depthwise: false, activation: 3 }),
  4: (facts) => convolution(facts, { depthwise: true, activation: 4 }),
  5: depthToSpace,
  9: fullyConnected,
  14: () => ([x]) => sigmoid(x),
  17: pooling,
  19: () => ([x]) => relu(x),
  22: ({ result }) => ([x]) => reshaped(x, result),
  23: resizing,
  34: padding,
  40: average,
  45: slicing,
  54: parametricRelu,
};

function unknown({ path }: StepFacts, what: string): InputError {
  return new InputError(`cannot run "${path}": its ${what} is not known here`);
}

/** A constant that must be there. */
function given(facts: StepFacts, place: number): Tensor {
  const found = facts.constant(place);
  if (found === undefined) throw unknown(facts, `input ${place} that is computed, not constant,`);
  return found;
}

function weightOf(facts: StepFacts, place: number): Tensor {
  return facts.weight(to(given(facts, place), { dtype: "float32" }));
}

/** Of the file's order of dimensions, B H W C, in libtorch's. */
const dimension = (rank: number, i: number) => rank === 4 ? [0, 2, 3, 1][i] : i;

/** Of a result that nobody else has: it is changed in place. */
function activated(facts: StepFacts, field: number): (x: Tensor) => Tensor {
  const kind = facts.options?.byte(field) ?? 0;
  if (kind === 0) return (x) => x;
  const most = { 1: Infinity, 3: 6 }[kind];
  const clamp_ = operator<[undefined]>("clamp_");
  if (most !== undefined) {
    return (x) => {
      clamp_(x, 0, most);
      return x;
    };
  }
  throw unknown(facts, `activation ${kind}`);
}

function convolution(
  facts: StepFacts,
  { depthwise, activation }: { readonly depthwise: boolean; readonly activation: number },
): Step {
  const { options, border, shapes: [[, H, W, C], [, kH, kW]] } = facts;
  const stride = [options!.int(2, 1), options!.int(1, 1)];
  const dilation = [options!.int(activation + 2, 1), options!.int(activation + 1, 1)];
  if (dilation.some((n) => n !== 1)) throw unknown(facts, "dilation");
  // [O,kH,kW,C], or [1,kH,kW,O] where each channel has a filter of its own.
  const weight = facts.weight(
    to(permute(given(facts, 1), depthwise ? [3, 0, 1, 2] : [0, 3, 1, 2]), { dtype: "float32" }),
  );
  const bias = facts.constant(2) && weightOf(facts, 2);
  const same = options!.byte(0) === 0;
  const [top, bottom] = same ? margins(H, kH, stride[0]) : [border[0], border[0]];
  const [left, right] = same ? margins(W, kW, stride[1]) : [border[1], border[1]];
  const even = top === bottom && left === right;
  const act = activated(facts, activation);
  const settings = {
    ...{ bias, stride, padding: even ? [top, left] : 0 },
    groups: depthwise ? C : 1,
  };
  if (even) return ([x]) => act(conv2d(x, weight, settings));
  return ([x]) => act(conv2d(constantPadNd(x, [left, right, top, bottom]), weight, settings));
}

/** Whether a step filters what it is given as it is, without adding a border of its own. */
export function isBareConvolution(code: number, options: Table | undefined): boolean {
  return (code === 3 || code === 4) && options?.byte(0) === 1;
}

/** What is added before and after, so that a result is ⌈size / stride⌉ long. */
function margins(size: number, kernel: number, stride: number): [before: number, after: number] {
  const all = Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel - size);
  return [Math.floor(all / 2), Math.ceil(all / 2)];
}

function addition(facts: StepFacts): Step {
  const act = activated(facts, 0);
  const constant = facts.constant(1) && weightOf(facts, 1);
  if (constant && constant.shape.length > 1) throw unknown(facts, "sum with a constant");
  const row = constant && facts.weight(reshape(constant, [-1, 1, 1]));
  return ([a, b = row!]) => act(add(a, b));
}

function concatenation(facts: StepFacts): Step {
  const act = activated(facts, 1);
  const rank = facts.result.length;
  const axis = facts.options!.int(0);
  const dim = dimension(rank, axis < 0 ? axis + rank : axis);
  return (values) => act(cat([...values], dim));
}

/** Blocks of channels become squares of pixels; within a square the channels vary fastest. */
function depthToSpace({ options, result: [, H, W, C] }: StepFacts): Step {
  const size = options!.int(0);
  return ([x]) =>
    scope(() => {
      const rows = permute(x, [0, 2, 3, 1]);
      const squares = reshape(rows, [-1, H / size, W / size, size, size, C]);
      return permute(reshape(permute(squares, [0, 1, 3, 2, 4, 5]), [-1, H, W, C]), [0, 3, 1, 2]);
    });
}

function fullyConnected(facts: StepFacts): Step {
  const act = activated(facts, 0);
  const weight = weightOf(facts, 1);
  const bias = facts.constant(2) && weightOf(facts, 2);
  const features = weight.shape[1];
  return ([x]) => act(linear(reshaped(x, [1, features]), weight, { bias }));
}

function pooling(facts: StepFacts): Step {
  const { options, shapes: [[, H, W]] } = facts;
  const size = [options!.int(4), options!.int(3)];
  const stride = [options!.int(2), options!.int(1)];
  // Where nothing is left over, padding or not is the same.
  const whole = [H, W].every((n, i) => (n - size[i]) % stride[i] === 0 && size[i] <= n);
  if (options!.byte(0) === 0 && !whole) throw unknown(facts, "padded pooling");
  const act = activated(facts, 5);
  return ([x]) => act(maxPool2d(x, size, { stride }));
}

/** The batch may be larger than the file's one. */
function reshaped(x: Tensor, [, ...rest]: readonly number[]): Tensor {
  return scope(() => {
    const rows = x.shape.length === 4 ? permute(x, [0, 2, 3, 1]) : x;
    const out = reshape(rows, [x.shape[0], ...rest]);
    return rest.length === 3 ? permute(out, [0, 3, 1, 2]) : out;
  });
}

function resizing(facts: StepFacts): Step {
  const [alignCorners, half] = [facts.options!.byte(2) !== 0, facts.options!.byte(3) !== 0];
  if (!alignCorners && !half) throw unknown(facts, "resizing from corners");
  const size = toNumbers(given(facts, 1));
  return ([x]) => upsampleBilinear2d(x, size, alignCorners);
}

/** Zeros that a padding adds above and below, left and right, where it adds nothing else. */
export function borderOf({ bytes }: GraphTensor): [number, number] | undefined {
  const pairs = [...new Int32Array(bytes!.slice().buffer)];
  const [top, bottom, left, right] = pairs.slice(2, 6);
  const others = [...pairs.slice(0, 2), ...pairs.slice(6)];
  const plain = pairs.length === 8 && top === bottom && left === right;
  return plain && others.every((n) => n === 0) ? [top, left] : undefined;
}

function padding(facts: StepFacts): Step {
  const pairs = toNumbers(given(facts, 1));
  const of = (dim: number) => pairs.slice(2 * dim, 2 * dim + 2);
  if (facts.result.length !== 4 || of(0).some((n) => n !== 0)) throw unknown(facts, "padding");
  const all = [...of(2), ...of(1), ...of(3)];
  return ([x]) => constantPadNd(x, all);
}

function average(facts: StepFacts): Step {
  const rank = facts.shapes[0].length;
  const dims = toNumbers(given(facts, 1)).map((dim) => dimension(rank, dim));
  const kept = facts.options?.byte(0) === 1;
  return ([x]) => mean(x, { dim: dims, keepdim: kept });
}

function slicing(facts: StepFacts): Step {
  const [begin, end, steps] = [1, 2, 3].map((place) => toNumbers(given(facts, place)));
  const masked = [0, 1, 2, 3, 4].some((mask) => facts.options!.int(mask) !== 0);
  if (masked || steps.some((n) => n !== 1)) throw unknown(facts, "slice in steps");
  const rank = begin.length;
  const cuts = begin.flatMap((from, i) => {
    const length = end[i] - from;
    return i === 0 || length === facts.shapes[0][i]
      ? []
      : [{ dim: dimension(rank, i), from, length }];
  });
  return ([x]) =>
    scope(() => cuts.reduce((out, { dim, from, length }) => narrow(out, dim, from, length), x));
}

function parametricRelu(facts: StepFacts): Step {
  const alpha = weightOf(facts, 1);
  const [C] = alpha.shape.slice(-1);
  if (alpha.numel !== C) throw unknown(facts, "slope that is not one a channel");
  const slopes = facts.weight(reshape(alpha, [C]));
  const prelu = operator("prelu");
  return ([x]) => prelu(x, slopes)[0];
}
