/**
 * How often a walk asks the model, and for what.
 * @module
 */
import { makeScheduler } from "../diffusion/mod.ts";
import type { PlanSize } from "./plan_size.ts";

/** Branches of guidance in one evaluation: both, or the conditional one alone at half the cost. */
export type Branches = "both" | "one";

/** One evaluation. */
export interface Evaluation {
  readonly branches: Branches;
  /** Whether its flow time lies where there is guidance. */
  readonly guided: boolean;
}

/** What decides about evaluations. */
export type Walk = Pick<
  PlanSize,
  "sampler" | "steps" | "flowShift" | "cfgScale" | "cfgInterval" | "cfgEvery"
>;

/** All evaluations of a walk, as `GuidedFlow` makes them. */
export function evaluationsOf(walk: Walk): Evaluation[] {
  const { sampler, steps, flowShift, cfgScale, cfgInterval: [from, to], cfgEvery } = walk;
  let asked = 0;
  return makeScheduler(sampler, { steps, shift: flowShift }).timesteps.map((t) => {
    const guided = cfgScale !== 1 && t >= from && t <= to;
    const both = guided && asked++ % (cfgEvery ?? 1) === 0;
    return { guided, branches: both ? "both" : "one" };
  });
}

/** Evaluations that show all kinds of a walk, and each kind again where it comes again. */
export interface ShortWalk {
  /** In the order in which they are made: without guidance first. */
  readonly guided: readonly boolean[];
  readonly cfgEvery: number;
}

/** Of each kind; samplers remember no more steps than this. */
const SHOWN = 2;

/** A few evaluations that cost, one by one, what the whole walk's do. */
export function shortWalk(walk: Walk): ShortWalk {
  const all = evaluationsOf(walk);
  const unguided = all.filter(({ guided }) => !guided).length;
  const without = Math.min(unguided, SHOWN);
  const cfgEvery = Math.min(walk.cfgEvery ?? 1, all.length);
  const guided = Math.min(all.length - unguided, cfgEvery === 1 ? SHOWN : 2 * SHOWN);
  const length = Math.max(without + guided, Math.min(all.length, 2 * SHOWN));
  return {
    guided: Array.from({ length }, (_, i) => guided > 0 && i >= without),
    // Where guidance is found out a second time, that is shown early.
    cfgEvery: all.length - unguided > cfgEvery ? Math.min(cfgEvery, 2) : cfgEvery,
  };
}
