/**
 * Flow matching as in SD3: noising, times, Euler steps, guidance.
 * @module
 */
export { EulerScheduler } from "./euler.ts";
export { addNoise, flowTarget, sampleFlowTimes, shiftTime } from "./flow_matching.ts";
export { guide } from "./guidance.ts";
export { sampleFlow, type SampleOptions, type SamplingStep } from "./sample.ts";
