/**
 * Sampling latents under conditions, with guidance.
 * @module
 */
import {
  guide,
  makeScheduler,
  sampleFlow,
  type SamplerName,
  type SamplingStep,
  type SavedState,
} from "../diffusion/mod.ts";
import type { EncodedConditions, IsaDit, IsaDitConditions } from "../models/isa_dit/mod.ts";
import {
  autocast,
  cat,
  full,
  generator,
  keep,
  narrow,
  noGrad,
  randn,
  scope,
  Tensor,
  to,
  zeros,
} from "../tensor/mod.ts";

/** How latents are sampled. */
export interface SampleLatentsOptions {
  readonly steps: number;
  /** 1: the conditional branch alone, at half the cost. */
  readonly cfgScale: number;
  /** Flow times [from, to] within which there is guidance; outside a step costs half. Default 0 to 1. */
  readonly cfgInterval?: readonly [number, number];
  readonly flowShift: number;
  /** Default "euler". */
  readonly sampler?: SamplerName;
  readonly seed: number;
  readonly dtype?: "float32" | "bfloat16";
  /** Goes on from a state that `onState` was given; the caller frees it. */
  readonly from?: SavedState;
  /** Told after each step; it has the state on loan, until its promise resolves. */
  readonly onState?: (saved: SavedState) => Promise<void>;
  readonly onStep?: (step: SamplingStep) => void;
  readonly signal?: AbortSignal;
}

/**
 * Walks from seeded noise to latents [1, C, T, h, w]. The noise is drawn on the CPU, so that one seed
 * means the same noise on every device. The unconditional branch of guidance lacks reference and body
 * together and keeps camera and background (SEEDS A3).
 */
export async function sampleLatents(
  model: IsaDit,
  conditions: IsaDitConditions,
  options: SampleLatentsOptions,
): Promise<Tensor> {
  const { cfgScale, cfgInterval = [0, 1], seed, flowShift, sampler = "euler", dtype } = options;
  const { device, shape } = conditions.background;
  const guided = (t: number) => cfgScale !== 1 && t >= cfgInterval[0] && t <= cfgInterval[1];
  const half = <T>(body: () => T): T =>
    dtype === undefined || dtype === "float32" ? body() : autocast({ device, dtype }, body);
  const encode = (given: () => IsaDitConditions) =>
    noGrad(() => scope(() => half(() => model.encode(given()))));
  using noise = seededNoise(shape, { seed, device });
  const times = makeScheduler(sampler, { steps: options.steps, shift: flowShift }).timesteps;
  const branches: Branches = {};
  try {
    if (times.some(guided)) branches.both = encode(() => withUnconditional(conditions));
    if (!times.every(guided)) branches.conditional = encode(() => conditions);
    const flowOf = (x: Tensor, t: number, encoded: EncodedConditions) => {
      const time = full([x.shape[0]], t, { device });
      return to(half(() => model.forward(x, time, encoded)), { dtype: "float32" });
    };
    return await sampleFlow(noise, (x, t) =>
      noGrad(() => {
        if (!guided(t)) return flowOf(x, t, branches.conditional!);
        const flow = flowOf(cat([x, x], 0), t, branches.both!);
        return guide(narrow(flow, 0, 0, 1), narrow(flow, 0, 1, 1), cfgScale);
      }), { ...options, sampler, shift: flowShift });
  } finally {
    disposeAll({ ...branches.both, conditional: { ...branches.conditional, conditions: {} } });
  }
}

/** What the model was told, encoded once for all steps. */
interface Branches {
  /** With and without the subject, in one batch. */
  both?: EncodedConditions;
  conditional?: EncodedConditions;
}

function seededNoise(
  shape: readonly number[],
  { seed, device }: { readonly seed: number; readonly device: Tensor["device"] },
): Tensor {
  return scope(() => {
    using random = generator(seed, "cpu");
    return keep(to(randn([...shape], { generator: random }), { device }));
  });
}

/** Both branches of guidance in one batch: first with, then without the subject. */
function withUnconditional(conditions: IsaDitConditions): IsaDitConditions {
  const doubled = Object.entries(conditions).map(([name, value]) => {
    if (!(value instanceof Tensor)) return [name, value];
    const second = name === "subjectGiven"
      ? zeros(value.shape, { dtype: value.dtype, device: value.device })
      : value;
    return [name, cat([value, second], 0)];
  });
  return Object.fromEntries(doubled) as IsaDitConditions;
}

/** Frees every tensor of a record, nested ones too. */
export function disposeAll(record: object): void {
  for (const value of Object.values(record)) {
    if (value instanceof Tensor) value.dispose();
    else if (typeof value === "object" && value !== null) disposeAll(value);
  }
}
