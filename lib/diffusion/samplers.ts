import { DpmSolverScheduler } from "./dpm_solver.ts";
import { EulerScheduler } from "./euler.ts";
import { HeunScheduler } from "./heun.ts";
import type { SamplerName } from "./names/mod.ts";
import type { ScheduleOptions, Scheduler } from "./scheduler.ts";
import { UniPcScheduler } from "./unipc.ts";

const samplers = {
  euler: EulerScheduler,
  heun: HeunScheduler,
  "dpm++2m": DpmSolverScheduler,
  unipc: UniPcScheduler,
} as const satisfies Record<SamplerName, new (options: ScheduleOptions) => Scheduler>;

/** A sampler by its name, or what lays out one of the caller's own. */
export type Sampler = SamplerName | ((options: ScheduleOptions) => Scheduler);

/** Lays out a sampler. Throws {@linkcode ConfigError} for steps or a shift without sense. */
export function makeScheduler(sampler: Sampler, options: ScheduleOptions): Scheduler {
  return typeof sampler === "function" ? sampler(options) : new samplers[sampler](options);
}
