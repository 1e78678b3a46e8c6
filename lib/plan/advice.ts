/**
 * What to change where a job does not fit.
 * @module
 */
import { latentFrames, temporalFactor } from "../models/video_vae/mod.ts";
import { type ModelConfigs, sizeStep } from "../pipelines/weights/mod.ts";
import type { PlanSize } from "./plan_size.ts";
import type { Rehearsal } from "./rehearsal.ts";

/** One change and where it leads. */
export interface Advice {
  /** The flags, as typed. */
  readonly flags: string;
  /** What they do, in words. */
  readonly change: string;
  /** Bytes of the largest stage after it, the process included. */
  readonly peak: number;
  readonly fits: boolean;
}

/** What advice is worked out from. */
export interface AdviceContext {
  readonly configs: ModelConfigs;
  readonly size: PlanSize;
  /** The job as it is. */
  readonly rehearsal: Rehearsal;
  /** Bytes that may be used. */
  readonly room: number;
  /** Bytes of the process itself. */
  readonly extra: number;
  readonly rehearse: (size: PlanSize) => Promise<Rehearsal>;
}

/** A change of a job, and the words for it. */
interface Change {
  readonly size: Partial<PlanSize>;
  readonly flags: readonly string[];
  readonly changes: readonly string[];
}

/** A changed job. */
interface Step extends Change {
  readonly size: PlanSize;
}

/** Sides, as shares of the job's, that are tried one after the other until one fits. */
const SIDES = [0.75, 0.5, 0.375, 0.25];

/** Tiles that are tried, pixels a side; smaller ones lie more over one another and cost more time. */
const TILES = [512, 256];

/** Bytes of a rehearsal's largest stage. */
export function peakOf({ stages }: Rehearsal): number {
  return Math.max(...stages.map(({ weights, working }) => weights + working));
}

/**
 * Changes that lower the peak. First those that leave the video as it is, one by one and together;
 * then, on top of these, no guidance, the most views, the longest clip and the largest of some smaller
 * pictures that fit.
 */
export async function adviseOn(context: AdviceContext): Promise<Advice[]> {
  const { room, extra, rehearsal } = context;
  const found: Advice[] = [];
  const lowest = () => Math.min(peakOf(rehearsal) + extra, ...found.map(({ peak }) => peak));
  const noteIf = (
    good: (peak: number) => boolean,
    { flags, changes }: Change,
    after: Rehearsal,
  ) => {
    const peak = peakOf(after) + extra;
    const fits = peak <= room;
    if (good(peak)) found.push({ flags: flags.join(" "), change: changes.join(", "), peak, fits });
    return fits;
  };
  const kept = await keepingChanges(context);
  let base: Step = { size: context.size, flags: [], changes: [] };
  for (const { change, after } of kept) {
    noteIf((peak) => peak < peakOf(rehearsal) + extra, change, after);
    base = joined(base, change);
  }
  if (kept.length > 1) {
    noteIf((peak) => peak < lowest(), base, await context.rehearse(base.size));
  }
  if (found.some(({ fits }) => fits)) return found;
  if (context.size.cfgScale !== 1) {
    const change = { size: { cfgScale: 1 }, flags: ["--cfg-scale 1"], changes: ["no guidance"] };
    const step = joined(base, change);
    noteIf((peak) => peak < lowest(), step, await context.rehearse(step.size));
  }
  for (const steps of [fewerViews, shorterClips, smallerPictures]) {
    for await (const step of steps(context, base)) {
      if (noteIf((peak) => peak <= room, step, await context.rehearse(step.size))) break;
    }
  }
  return found;
}

/** Changes after which the video is the same but for rounding; each must lower a stage of its own. */
async function keepingChanges(
  { size, rehearsal, rehearse }: AdviceContext,
): Promise<{ change: Change; after: Rehearsal }[]> {
  const working = ({ stages }: Rehearsal, names: readonly string[]) =>
    Math.max(...stages.filter(({ stage }) => names.includes(stage)).map((stage) => stage.working));
  const kept: { change: Change; after: Rehearsal }[] = [];
  if (size.dtype === "float32") {
    const change: Change = {
      size: { dtype: "bfloat16" },
      flags: ["--dtype bfloat16"],
      changes: ["half-precision products"],
    };
    const after = await rehearse({ ...size, ...change.size });
    if (working(after, ["sample"]) < working(rehearsal, ["sample"])) kept.push({ change, after });
  }
  const vae = ["encode", "decode"];
  for (const tile of TILES.filter((side) => side < Math.max(size.width, size.height))) {
    const change: Change = {
      size: { vaeTiling: tile },
      flags: [`--vae-tiling ${tile}`],
      changes: [`the VideoVAE in tiles of ${tile} pixels`],
    };
    const after = await rehearse({ ...size, ...change.size });
    // One choice of tiles: the largest that halves what the VideoVAE takes, else the smallest.
    const [now, before] = [working(after, vae), working(rehearsal, vae)];
    if (now < before && (now < before / 2 || tile === TILES.at(-1))) {
      kept.push({ change, after });
      break;
    }
  }
  return kept;
}

function joined(a: Step, b: Change): Step {
  return {
    size: { ...a.size, ...b.size },
    flags: [...a.flags, ...b.flags],
    changes: [...a.changes, ...b.changes],
  };
}

/** Half of a grid's views, and half of these. */
async function* fewerViews({ size: { grid } }: AdviceContext, base: Step): AsyncGenerator<Step> {
  if (!grid) return;
  for (let views = grid.views >> 1; views > 0; views >>= 1) {
    const fewer = { ...grid, views, givenViews: Math.min(views, grid.givenViews) };
    yield await Promise.resolve({
      size: { ...base.size, grid: fewer },
      flags: [`--views ${views}`, ...base.flags],
      changes: [`${views} ${views === 1 ? "view" : "views"}`, ...base.changes],
    });
  }
}

/** Shorter and shorter clips, from where two measured ones say that it fits. */
async function* shorterClips(
  { configs: { vae }, room, extra, rehearse }: AdviceContext,
  base: Step,
): AsyncGenerator<Step> {
  const f = temporalFactor(vae);
  const T = latentFrames(base.size.frames, f);
  const framesOf = (latents: number) => 1 + f * (latents - 1);
  const peakAt = async (latents: number) =>
    peakOf(await rehearse({ ...base.size, frames: framesOf(latents) })) + extra;
  if (T < 3) return;
  const [whole, half] = [await peakAt(T), await peakAt(T >> 1)];
  const slope = Math.max(1, (whole - half) / (T - (T >> 1)));
  const guess = Math.min(T - 1, Math.max(2, Math.floor(T - (whole - room) / slope)));
  for (const latents of new Set([guess, guess - 1, guess - 2, guess >> 1, guess >> 2])) {
    if (latents < 2) continue;
    const frames = framesOf(latents);
    yield {
      size: { ...base.size, frames },
      flags: [`--frames ${frames}`, ...base.flags],
      changes: [`a clip of ${frames} frames`, ...base.changes],
    };
  }
}

/** Smaller and smaller pictures of about the same shape. */
async function* smallerPictures({ configs }: AdviceContext, base: Step): AsyncGenerator<Step> {
  const step = sizeStep(configs);
  const rounded = (side: number) => Math.max(step, Math.round(side / step) * step);
  for (const share of SIDES) {
    const [width, height] = [rounded(base.size.width * share), rounded(base.size.height * share)];
    yield await Promise.resolve({
      size: { ...base.size, width, height },
      flags: [`-W ${width} -H ${height}`, ...base.flags],
      changes: [`a picture of ${width}×${height}`, ...base.changes],
    });
  }
}
