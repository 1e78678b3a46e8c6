/**
 * How fast a device is at what a job asks of it: a few of the job's own operators, cut down and timed.
 * @module
 */
import { cpuUsage } from "node:process";
import { attend } from "../nn/mod.ts";
import {
  add,
  contiguous,
  conv2d,
  conv3d,
  type Device,
  type DType,
  full,
  gelu,
  layerNorm,
  linear,
  noGrad,
  type OperatorCall,
  requireDevice,
  scope,
  synchronize,
  type Tensor,
  transpose,
} from "../tensor/mod.ts";
import { flopsOf } from "./model_facts.ts";
import type { CallTally, TalliedCall } from "./call_tally.ts";

/** What operators that compute are timed as. */
export type Work = "product" | "convolution" | "attention";

/** What operators that only move memory are timed as. */
export type Motion = "elementwise" | "activation" | "norm" | "copy";

/** Speeds of a device, for one dtype. */
export interface Speeds {
  /** Measured operators: floating-point operations of one call, and how many of them a second. */
  readonly work: Readonly<Record<Work, readonly { flops: number; rate: number }[]>>;
  /** Bytes read and written a second, by bytes a call. */
  readonly motion: Readonly<Record<Motion, readonly { bytes: number; rate: number }[]>>;
  /** Seconds that the smallest call takes. */
  readonly overhead: number;
}

/** What is measured, and for how long. */
export interface CalibrationOptions {
  readonly device: Device;
  readonly dtype: DType;
  /** Seconds in all; default 1. */
  readonly seconds?: number;
}

/** Shapes timed of each kind of work: those that most of the work is in. */
const TIMED_SHAPES = 2;

/** A call is cut down until it takes this long at most, milliseconds, and is timed so often. */
const LONGEST_MS = 30;
const REPEATS = 3;

/** Bytes of the tensors that memory is moved with: within caches, and far beyond them. */
const MOVED = [1 << 16, 1 << 20, 1 << 24];

/** The kind of work of an operator; undefined for one that only moves memory. */
function workOf({ op }: OperatorCall): Work | undefined {
  if (/::(mm|bmm|matmul|linear|addmm|baddbmm)\b/.test(op)) return "product";
  if (/::conv/.test(op)) return "convolution";
  return /::(scaled_dot_product_)?attention$/.test(op.replace(/\.\w+$/, ""))
    ? "attention"
    : undefined;
}

/** The kind of motion of an operator that takes memory or works in place; undefined for views. */
function motionOf({ call: { op }, made }: TalliedCall): Motion | undefined {
  if (/::(gelu|silu|sigmoid|tanh|softmax|exp|cos|sin)/.test(op)) return "activation";
  if (/norm/.test(op)) return "norm";
  const inPlace = /_(\.\w+)?$/.test(op);
  if (made === 0 && !inPlace) return undefined;
  if (/::(empty|zeros)/.test(op)) return undefined;
  return /::(cat|clone|contiguous|reshape|_?to|_to_copy|copy|permute)/.test(op)
    ? "copy"
    : "elementwise";
}

/** Times operators of the tally's shapes on the device. */
export function calibrate(tally: CallTally, options: CalibrationOptions): Speeds {
  requireDevice(options.device);
  const deadline = performance.now() + 1000 * (options.seconds ?? 1);
  return noGrad(() => {
    const motion = timeMotion(options);
    const work = (kind: Work) => timeWork(tally, kind, { ...options, deadline });
    return {
      work: {
        product: work("product"),
        convolution: work("convolution"),
        attention: work("attention"),
      },
      motion,
      overhead: secondsOf(() => add(tiny(options), 1), options.device, 200),
    };
  });
}

/** Seconds that all calls of a tally take at these speeds. */
export function secondsFor(tally: CallTally, { work, motion, overhead }: Speeds): number {
  return tally.kinds.reduce((sum, kind) => {
    const { call, flops, count } = kind;
    const doing = workOf(call);
    const moving = doing ? undefined : motionOf(kind);
    const each = doing
      ? flops / nearest(work[doing].map(({ flops: at, rate }) => ({ at, rate })), flops)
      : moving
      ? call.bytes /
        nearest(motion[moving].map(({ bytes: at, rate }) => ({ at, rate })), call.bytes)
      : 0;
    return sum + count * (overhead + each);
  }, 0);
}

/** The rate measured at the size that is nearest by ratio. */
function nearest(rates: readonly { at: number; rate: number }[], size: number): number {
  if (rates.length === 0) return Infinity;
  const distance = (at: number) => Math.abs(Math.log((at + 1) / (size + 1)));
  return rates.reduce((best, one) => distance(one.at) < distance(best.at) ? one : best).rate;
}

interface WorkOptions extends CalibrationOptions {
  /** On performance's clock. */
  readonly deadline: number;
}

function timeWork(
  tally: CallTally,
  work: Work,
  options: WorkOptions,
): { flops: number; rate: number }[] {
  const kinds = tally.kinds.filter(({ call, flops }) => workOf(call) === work && flops > 0)
    .sort((a, b) => b.flops * b.count - a.flops * a.count)
    .slice(0, TIMED_SHAPES);
  return kinds.flatMap(({ call, flops }, i) => {
    if (i > 0 && performance.now() > options.deadline) return [];
    return [{ flops, rate: timeCall(call, work, options) }];
  });
}

/** FLOPs a second of one call, cut down along the axis that its work is in proportion to. */
function timeCall(call: OperatorCall, work: Work, { device, dtype }: WorkOptions): number {
  const whole = flopsOf(call);
  let share = Math.min(1, 5e7 / whole);
  for (;;) {
    const { run, flops } = replica(call, work, { share, device, dtype });
    const seconds = scope(() => secondsOf(run(), device, REPEATS));
    const room = LONGEST_MS / 1000 / seconds;
    if (share >= 1 || room < 2) return flops / seconds;
    share = Math.min(1, share * Math.min(room, 16));
  }
}

/** A call like the given one with about a share of its work, ready to be made again and again. */
function replica(
  { inputs, outputs: [made] }: OperatorCall,
  work: Work,
  { share, device, dtype }: { share: number; device: Device; dtype: DType },
): { run: () => () => Tensor; flops: number } {
  const filled = (shape: readonly number[]) => full([...shape], 0.01, { device, dtype });
  if (work === "product") {
    const width = inputs[0].at(-1)!;
    const rows = Math.max(1, Math.round(share * product(made) / made.at(-1)!));
    const flops = 2 * rows * width * made.at(-1)!;
    return {
      flops,
      run: () => {
        const [x, weight] = [filled([rows, width]), filled([made.at(-1)!, width])];
        return () => linear(x, weight);
      },
    };
  }
  if (work === "convolution") {
    const [, weight] = inputs;
    const kernel = weight.slice(2);
    // Rows of pixels are cut; stride 1 without padding gives each result the same work.
    const sizes = made.slice(2);
    const rows = sizes.length - 2;
    sizes[rows] = Math.max(1, Math.round(sizes[rows] * share));
    const flops = 2 * made[0] * weight[0] * product(sizes) * product(weight.slice(1));
    const from = [made[0], weight[1], ...sizes.map((size, i) => size + kernel[i] - 1)];
    return {
      flops,
      run: () => {
        const [x, w] = [filled(from), filled(weight)];
        return () => kernel.length === 3 ? conv3d(x, w) : conv2d(x, w);
      },
    };
  }
  return attentionReplica(inputs, { share, filled });
}

/** Fewer heads, and where one is too much, fewer queries. */
function attentionReplica(
  inputs: readonly (readonly number[])[],
  { share, filled }: {
    readonly share: number;
    readonly filled: (shape: readonly number[]) => Tensor;
  },
): { run: () => () => Tensor; flops: number } {
  const [[batch, heads, L, H], [, , S], [, , , V]] = inputs;
  const wanted = batch * heads * share;
  const kept = Math.max(1, Math.round(wanted));
  const queries = wanted >= 1 ? L : Math.max(1, Math.round(L * wanted));
  return {
    flops: 2 * kept * queries * S * (H + V),
    run: () => {
      const [q, k, v] = [[1, kept, queries, H], [1, kept, S, H], [1, kept, S, V]].map(filled);
      return () => attend(q, k, v);
    },
  };
}

function timeMotion({ device, dtype }: CalibrationOptions): Speeds["motion"] {
  const time = (make: (x: Tensor) => Tensor) =>
    MOVED.map((bytes) =>
      scope(() => {
        const x = full([bytes / 1024, 256], 0.01, { device, dtype });
        const seconds = secondsOf(() => make(x), device, REPEATS);
        return { bytes: 2 * bytes, rate: 2 * x.numel * (dtype === "float32" ? 4 : 2) / seconds };
      })
    );
  return {
    elementwise: time((x) => add(x, 1)),
    activation: time((x) => gelu(x, { approximate: "tanh" })),
    norm: time((x) => layerNorm(x, [256])),
    copy: time((x) => contiguous(transpose(x, 0, 1))),
  };
}

function tiny({ device, dtype }: CalibrationOptions): Tensor {
  return full([1], 1, { device, dtype });
}

/**
 * The fastest of several runs, after one that is not counted: what the device can do when it is idle. Of
 * a processor that others keep busy no run is fast; the time that was worked is then the shorter one.
 */
function secondsOf(run: () => Tensor, device: Device, repeats: number): number {
  let best = Infinity;
  for (let i = 0; i <= repeats; i++) {
    const [started, worked] = [performance.now(), processor()];
    scope(() => void run());
    synchronize(device);
    if (i === 0) continue;
    best = Math.min(best, performance.now() - started);
    if (device === "cpu") best = Math.min(best, processor() - worked);
  }
  return Math.max(best, 1e-4) / 1000;
}

/** Milliseconds that all of this process's threads have worked. */
function processor(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}
