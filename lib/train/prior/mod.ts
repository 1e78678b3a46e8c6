/**
 * Training of a VideoVAE's decoder that knows the prior.
 * @module
 */
export { crewPriorSamples } from "./loader.ts";
export { type PriorQuality } from "./measure.ts";
export { type PriorLoader, PriorObjective } from "./objective.ts";
export { trainPrior, type TrainPriorOptions } from "./train.ts";
