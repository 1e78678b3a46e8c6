/**
 * Sampling latents under conditions, with guidance.
 * @module
 */
import { guide, sampleFlow, type SamplingStep } from "../diffusion/mod.ts";
import type { IsaDit, IsaDitConditions } from "../models/isa_dit/mod.ts";
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
  readonly flowShift: number;
  readonly seed: number;
  readonly dtype?: "float32" | "bfloat16";
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
  const { cfgScale, seed, steps, flowShift, onStep, signal, dtype = "float32" } = options;
  const { device } = conditions.background;
  const guided = cfgScale !== 1;
  using cpuNoise = scope(() => {
    using random = generator(seed, "cpu");
    return keep(randn(conditions.background.shape, { generator: random }));
  });
  using noise = to(cpuNoise, { device });
  const half = <T>(body: () => T): T =>
    dtype === "float32" ? body() : autocast({ device, dtype }, body);
  const encoded = noGrad(() =>
    scope(() => half(() => model.encode(guided ? withUnconditional(conditions) : conditions)))
  );
  try {
    return await sampleFlow(noise, (sample, t) =>
      noGrad(() => {
        const count = guided ? 2 : 1;
        const x = guided ? cat([sample, sample], 0) : sample;
        const flow = to(half(() => model.forward(x, full([count], t, { device }), encoded)), {
          dtype: "float32",
        });
        return guided ? guide(narrow(flow, 0, 0, 1), narrow(flow, 0, 1, 1), cfgScale) : flow;
      }), { steps, shift: flowShift, onStep, signal });
  } finally {
    disposeAll(encoded);
  }
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
