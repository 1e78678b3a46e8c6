/**
 * Sampling of a generation on the meta device: the real model, guidance, caches and sampler, for as many
 * evaluations as show all kinds there are.
 * @module
 */
import { latentWindows, makeScheduler, sampleFlow } from "../diffusion/mod.ts";
import type { IsaDit, IsaDitConditions } from "../models/isa_dit/mod.ts";
import { latentFrames } from "../models/video_vae/mod.ts";
import { disposeAll, dtypeBytes, rehearse, type Tensor, zeros } from "../tensor/mod.ts";
import {
  FlowCache,
  GuidedFlow,
  type GuidedFlowOptions,
  SharedReference,
  windowSize,
} from "../pipelines/sampling/mod.ts";
import { askGrid } from "../pipelines/grid/mod.ts";
import { metaConditions } from "./model_facts.ts";
import { CallTally } from "./call_tally.ts";
import { type Branches, evaluationsOf, shortWalk } from "./evaluations.ts";
import { type PlanSize, viewsOf } from "./plan_size.ts";
import { type Setting, type StageCost, traced } from "./trace.ts";

// V views, C latent channels, T latent frames, h×w latent size

/** Latents of the whole clip that windows are blended into: noise, sample, flow, and a step's own. */
const WHOLE_CLIPS = 6;

/** Whole or in windows, one view or several. */
export async function rehearseSampling(dit: IsaDit, setting: Setting): Promise<StageCost> {
  const { size } = setting;
  const { temporalFactor: f } = dit.config;
  const { window = "off", overlap = "auto", frames } = size;
  const windows = windowSize({ frames, window, overlap }, f);
  const count = windows ? latentWindows(latentFrames(frames, f), windows).length : 1;
  const clip = windows
    ? { ...setting, size: { ...size, frames: f * (windows.length - 1) + 1 } }
    : setting;
  const walked = await walk(dit, clip, { windowed: windows !== undefined });
  const calls = allCalls(walked, size, { windows: count });
  const least = cached(size)
    ? allCalls(await walk(dit, clip, { windowed: windows !== undefined, lazy: true }), size, {
      windows: count,
    })
    : undefined;
  const kept = windows
    ? WHOLE_CLIPS * bytesOfClip(dit, size) + (count - 1) * cacheBytes(dit, clip.size)
    : 0;
  return { working: walked.peak + kept, flops: calls.flops, calls, ...(least ? { least } : {}) };
}

/** Grids ask all layers, whatever a job says. */
function cached({ blockCache = 0, grid }: PlanSize): boolean {
  return blockCache > 0 && !grid;
}

/** Bytes of all views' latents. */
function bytesOfClip({ config }: IsaDit, { frames, width, height, ...size }: PlanSize): number {
  const T = latentFrames(frames, config.temporalFactor);
  const one = config.latentChannels * T * (width / 8) * (height / 8);
  return viewsOf(size) * one * dtypeBytes("float32");
}

/** What the caches of one window keep from step to step. */
function cacheBytes(dit: IsaDit, size: PlanSize): number {
  const { patchSize, temporalFactor, width: channels } = dit.config;
  const guidance = (size.cfgEvery ?? 1) > 1 && size.cfgScale !== 1 ? bytesOfClip(dit, size) : 0;
  if (!cached(size)) return guidance;
  const branches = new Set(evaluationsOf(size).map((one) => one.branches));
  const batch = (branches.has("both") ? 2 : 0) + (branches.has("one") ? 1 : 0);
  const side = 8 * patchSize;
  const tokens = latentFrames(size.frames, temporalFactor) * (size.width / side) *
    (size.height / side);
  // Of each the first layer's part and the others'.
  return guidance + 2 * batch * tokens * channels * dtypeBytes("float32");
}

/** What a short walk took, by what it was for. */
interface Walked {
  readonly peak: number;
  /** Made once for all steps and windows. */
  readonly once: CallTally;
  readonly evaluations: Readonly<Record<Branches, CallTally>>;
  readonly counts: Readonly<Record<Branches, number>>;
  /** The sampler's own. */
  readonly rest: CallTally;
}

/** All evaluations' calls; those that were not walked are like those that were. */
function allCalls(
  { once, evaluations, counts, rest }: Walked,
  size: PlanSize,
  { windows }: { readonly windows: number },
): CallTally {
  const all = evaluationsOf(size);
  const calls = new CallTally();
  calls.addAll(once, 1);
  for (const branches of ["both", "one"] as const) {
    const wanted = all.filter((one) => one.branches === branches).length;
    if (wanted > 0) calls.addAll(evaluations[branches], (windows * wanted) / counts[branches]);
  }
  calls.addAll(rest, (windows * all.length) / (counts.both + counts.one));
  return calls;
}

interface WalkOptions {
  /** The conditions are encoded at every evaluation, as in windows. */
  readonly windowed: boolean;
  /** The block cache always serves. */
  readonly lazy?: boolean;
}

async function walk(dit: IsaDit, setting: Setting, options: WalkOptions): Promise<Walked> {
  const { size } = setting;
  const [once, rest] = [new CallTally(), new CallTally()];
  const evaluations = { both: new CallTally(), one: new CallTally() };
  const counts = { both: 0, one: 0 };
  let tally = once;
  const trace = traced(setting, (call, made) => tally.add(call, made));
  await rehearse(size.device, () =>
    trace.follow(async () => {
      const conditions = metaConditions(dit.config, size, {
        persons: size.persons,
        views: viewsOf(size),
      });
      using asked = new Asked(dit, { conditions, size, ...options });
      const { guided, cfgEvery } = shortWalk(size);
      asked.prepare(cfgEvery, guided);
      using noise = zeros(conditions.background.shape, { device: "meta" });
      tally = rest;
      let index = 0;
      const flow = (x: Tensor) => {
        const now = guided[Math.min(index++, guided.length - 1)];
        const made = new CallTally();
        tally = made;
        const { result, branches } = asked.at(x, now);
        counts[branches]++;
        evaluations[branches].addAll(made, 1);
        tally = rest;
        return result;
      };
      const { sampler, flowShift: shift } = size;
      const steps = stepsFor(guided.length, sampler);
      const sample = await sampleFlow(noise, flow, { sampler, shift, steps });
      disposeAll({ sample, conditions });
    }));
  return { peak: trace.peak, once, evaluations, counts, rest };
}

/** Steps in which a sampler makes at least so many evaluations. */
function stepsFor(evaluations: number, sampler: PlanSize["sampler"]): number {
  let steps = 1;
  while (makeScheduler(sampler, { steps, shift: 1 }).timesteps.length < evaluations) steps++;
  return steps;
}

/** Flow times that stand for all with guidance and for all without. */
const [WITH, WITHOUT] = [1, 0];

/** A model asked as `generate` asks it. */
class Asked {
  readonly #dit: IsaDit;
  readonly #conditions: IsaDitConditions;
  readonly #options: WalkOptions & { readonly size: PlanSize };
  readonly #reference: SharedReference;
  #guided: GuidedFlowOptions = { cfgScale: 1 };
  #cache = new FlowCache();
  #flow?: GuidedFlow;
  #branches: Branches = "one";

  constructor(
    dit: IsaDit,
    { conditions, ...options }: WalkOptions & {
      readonly conditions: IsaDitConditions;
      readonly size: PlanSize;
    },
  ) {
    this.#dit = dit;
    this.#conditions = conditions;
    this.#options = options;
    this.#reference = new SharedReference(dit);
  }

  /** Makes what is made once. */
  prepare(cfgEvery: number, guided: readonly boolean[]): void {
    const { size, windowed, lazy } = this.#options;
    const { cfgScale, dtype, grid } = size;
    this.#guided = {
      ...{ cfgScale, dtype, cfgEvery, cfgInterval: [WITH, WITH] },
      ...(cached(size) ? { blockCache: size.blockCache, change: () => lazy ? 0 : Infinity } : {}),
      ...(grid ? { ask: askGrid(this.#dit, this.#grid(grid)) } : {}),
    };
    this.#cache = new FlowCache(this.#guided);
    this.#reference.of(this.#conditions);
    if (windowed) return;
    this.#flow = this.#open();
    this.#flow.prepare(guided.map((now) => now ? WITH : WITHOUT));
  }

  /** The flow at `x`, and how many branches that took. */
  at(x: Tensor, guided: boolean): { result: Tensor; branches: Branches } {
    const t = guided ? WITH : WITHOUT;
    if (this.#flow) {
      const result = this.#flow.at(x, t);
      return { result, branches: this.#branches };
    }
    using flow = this.#open();
    const result = flow.at(x, t);
    return { result, branches: this.#branches };
  }

  #open(): GuidedFlow {
    return new GuidedFlow(this.#dit, this.#conditions, {
      ...this.#guided,
      ask: (x, t, encoded) => {
        this.#branches = x.shape[0] > this.#conditions.background.shape[0] ? "both" : "one";
        return this.#guided.ask?.(x, t, encoded) ??
          this.#cache.ask(this.#dit, { x, t, encoded });
      },
      sharedReference: this.#reference,
      cache: this.#cache,
    });
  }

  #grid({ views, givenViews, givenTime }: NonNullable<PlanSize["grid"]>) {
    const { shape } = this.#conditions.background;
    const noise = zeros(shape, { device: "meta" });
    const held = givenViews > 0 || givenTime
      ? {
        clean: zeros(shape, { device: "meta" }),
        mask: zeros([shape[0], 1, shape[2], 1, 1], { device: "meta" }),
      }
      : undefined;
    return { views, noise, held };
  }

  [Symbol.dispose](): void {
    this.#flow?.dispose();
    this.#cache[Symbol.dispose]();
    this.#reference[Symbol.dispose]();
  }
}
