/**
 * Door of the plan: what a generation will cost, counted without memory and timed in a moment.
 * @module
 */
export type { Advice } from "./advice.ts";
export { parseMemory } from "./device_memory.ts";
export { allModelFacts, type ClipSize, flopsOf, type ModelFacts } from "./model_facts.ts";
export { type Plan, planJob, type PlannedStage, type PlanOptions } from "./plan.ts";
export type { Chunks, GridSize, PlanSize } from "./plan_size.ts";
export { type Rehearsal, rehearseJob, type StageFacts } from "./rehearsal.ts";
