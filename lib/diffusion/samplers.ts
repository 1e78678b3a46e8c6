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

/** The scheduler of that name. Throws {@linkcode ConfigError} for steps or a shift without sense. */
export function makeScheduler(name: SamplerName, options: ScheduleOptions): Scheduler {
  return new samplers[name](options);
}
