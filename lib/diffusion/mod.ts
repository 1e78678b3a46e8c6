/**
 * Flow matching as in SD3: noising, times, samplers, guidance.
 * @module
 */
export { DpmSolverScheduler } from "./dpm_solver.ts";
export { EulerScheduler } from "./euler.ts";
export { addNoise, flowTarget, sampleFlowTimes, shiftTime } from "./flow_matching.ts";
export { guide } from "./guidance.ts";
export { HeunScheduler } from "./heun.ts";
export {
  sampleFlow,
  type SampleOptions,
  type SamplingStep,
  type SavedState,
} from "./sample_flow.ts";
export { type SamplerName, samplerNames } from "./names/mod.ts";
export { makeScheduler, type Sampler } from "./samplers.ts";
export {
  type SamplerState,
  type ScheduleOptions,
  type Scheduler,
  scheduleTimes,
} from "./scheduler.ts";
export { UniPcScheduler } from "./unipc.ts";
export { type LatentWindow, latentWindows } from "./windows.ts";
