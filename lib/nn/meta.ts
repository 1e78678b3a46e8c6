/**
 * Products as the layers make them. libtorch's autocast leaves tensors on meta alone, so the layers
 * cast them: a rehearsal then takes the memory that the real computation takes.
 * @module
 */

import {
  cat,
  contiguous,
  conv2d,
  conv3d,
  cpuCast,
  metaCast,
  mkldnnConvolution,
  ones,
  permute,
  scope,
  type Tensor,
  to,
} from "../tensor/mod.ts";
import { NativeError } from "../errors.ts";
import { fuses } from "./fusion.ts";
import { widened } from "./precision.ts";

/** Numbers of {@link convolve2d} and {@link convolve3d}, one per axis; defaults as PyTorch's. */
export interface ConvolveOptions {
  /** [outC]. */
  readonly bias?: Tensor;
  /** Default 1. */
  readonly stride?: readonly number[];
  /** Zeros added on both sides. Default 0. */
  readonly padding?: readonly number[];
  /** Default 1. */
  readonly dilation?: readonly number[];
  /** Default 1. */
  readonly groups?: number;
}

/**
 * Runs a product with operands of one dtype: on meta cast as autocast would cast them elsewhere, and
 * where nothing is cast with weights as wide as what they are multiplied with.
 */
export function matched<Weights extends readonly (Tensor | undefined)[]>(
  [x, ...weights]: readonly [Tensor, ...Weights],
  product: (x: Tensor, ...weights: Weights) => Tensor,
): Tensor {
  const dtype = x.device === "meta" ? metaCast() : undefined;
  return scope(() => {
    const fit = <Operand extends Tensor | undefined>(operand: Operand): Operand =>
      operand && dtype ? to(operand, { dtype }) as Operand : widened(operand, x);
    return product(fit(x), ...weights.map(fit) as unknown as Weights);
  });
}

/** `conv2d` as the layers call it: x [B, C, H, W], weight [outC, C/groups, kh, kw]. */
export function convolve2d(x: Tensor, weight: Tensor, options: ConvolveOptions = {}): Tensor {
  return matched(
    [x, weight, options.bias],
    (x, weight, bias) => conv2d(x, weight, { ...options, bias }),
  );
}

/** `conv3d` as the layers call it: x [B, C, F, H, W], weight [outC, C/groups, kt, kh, kw]. */
export function convolve3d(x: Tensor, weight: Tensor, options: ConvolveOptions = {}): Tensor {
  return matched(
    [x, weight, options.bias],
    (x, weight, bias) =>
      x.device === "cpu" && fuses(x)
        ? byOneDnn(x, weight, { ...options, bias })
        : conv3d(x, weight, { ...options, bias }),
  );
}

/**
 * On the CPU: channels innermost, as oneDNN works on them, which convolutions, norms and sums then
 * hand on. Small clips of one sample in float32 libtorch would keep from oneDNN, and take three times
 * as long.
 */
function byOneDnn(x: Tensor, weight: Tensor, options: ConvolveOptions): Tensor {
  const innermost = channelsInnermost(x);
  const { bias, stride = [1, 1, 1], padding = [0, 0, 0], dilation = [1, 1, 1] } = options;
  const wide = [x, weight].every(({ dtype }) => dtype === "float32") && cpuCast() === undefined;
  if (!wide || !hasOneDnn()) return conv3d(innermost, weight, options);
  return mkldnnConvolution(innermost, weight, bias, padding, stride, dilation, options.groups ?? 1);
}

/** [B, C, F, H, W], with a frame's channels beside each other in memory. */
function channelsInnermost(x: Tensor): Tensor {
  return channelsSecond(contiguous(channelsLast(x)));
}

/** Clips [B, C, F, H, W] one after another, laid out as {@link convolve3d} wants them. */
export function joinFrames(parts: readonly Tensor[]): Tensor {
  if (!(parts[0].device === "cpu" && fuses(parts[0]))) return cat(parts, 2);
  return scope(() => channelsSecond(cat(parts.map((part) => contiguous(channelsLast(part))), 1)));
}

const channelsLast = (x: Tensor): Tensor => permute(x, [0, 2, 3, 4, 1]);
const channelsSecond = (x: Tensor): Tensor => permute(x, [0, 4, 1, 2, 3]);

let oneDnn: boolean | undefined;

/** Whether this libtorch brings oneDNN; some builds for other processors do not. */
function hasOneDnn(): boolean {
  oneDnn ??= scope(() => {
    const one = ones([1, 1, 1, 1, 1]);
    try {
      mkldnnConvolution(one, one, undefined, [0, 0, 0], [1, 1, 1], [1, 1, 1], 1);
      return true;
    } catch (error) {
      if (error instanceof NativeError) return false;
      throw error;
    }
  });
  return oneDnn;
}
