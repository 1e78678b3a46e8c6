/**
 * Runs `isa4d eval set`: how far two sets of videos are apart.
 * @module
 */
import { InputError, UsageError } from "../../lib/errors.ts";
import {
  type FeatureNet,
  makeProtocol,
  openFeatureNets,
  readVideoSet,
  type SetDistance,
  setDistances,
  type VideoSet,
  type WeightsUsed,
  weightsUsed,
} from "../../lib/eval/mod.ts";
import { shippedFeatures } from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { deviceOf } from "../support/device.ts";
import { tellLeftOut } from "./left_out.ts";
import { checkEval, type EvalRecord, giveRecord, type OutFlags, textTable } from "./record.ts";
import { makeProgress } from "../support/progress.ts";

/** Flags of `isa4d eval set`. */
export interface EvalSetFlags extends OutFlags {
  readonly features?: string;
  readonly i3d?: string;
  readonly inception?: string;
  readonly frames: number;
  readonly ignoreFps?: true;
  readonly device: string;
}

interface SetRecord extends EvalRecord {
  readonly kind: "set";
  readonly sets: readonly Omit<VideoSet, "features">[];
  readonly distances: readonly SetDistance[];
}

/** Prints the distances that there are networks for. */
export async function runEvalSet(
  given: { readonly a: string; readonly b: string },
  flags: EvalSetFlags,
  context: Context,
): Promise<void> {
  const { features, i3d, inception } = flags;
  await checkEval("set", { flags, inputs: [given.a, given.b, features, i3d, inception] }, context);
  const files = {
    own: flags.features === undefined ? shippedFeatures("video") : context.path(flags.features),
    ...flags.i3d === undefined ? {} : { i3d: context.path(flags.i3d) },
    ...flags.inception === undefined ? {} : { inception: context.path(flags.inception) },
  };
  const nets = await openFeatureNets(files, { device: deviceOf(flags.device) });
  try {
    checkFrames(nets, flags.frames);
    await tellLeftOut([given.a, given.b].map(context.path), context);
    const a = await read(context.path(given.a), { nets, flags, context });
    const b = await read(context.path(given.b), { nets, flags, context });
    checkRates(a, b, flags);
    const distances = setDistances(a, b);
    for (const { warning } of distances) if (warning !== undefined) context.warn(warning);
    const record: SetRecord = {
      format: "isa4d-eval",
      version: 1,
      kind: "set",
      protocol: makeProtocol({
        frames: [flags.frames],
        sizes: [...a.sizes, ...b.sizes],
        resized: false,
        metrics: nets.map(({ description }) => description),
        weights: await weightsOf(nets, files),
      }),
      sets: [a, b].map(({ features: _, ...set }) => set),
      distances,
    };
    await giveRecord(record, table(record), { flags, context });
  } finally {
    for (const net of nets) net.dispose();
  }
}

function checkFrames(nets: readonly FeatureNet[], frames: number): void {
  for (const net of nets) {
    if (net.frames <= frames) continue;
    throw new UsageError(
      `${net.distance} takes at least ${net.frames} frames, --frames is ${frames}`,
    );
  }
}

function checkRates(a: VideoSet, b: VideoSet, { ignoreFps }: EvalSetFlags): void {
  if (ignoreFps || Math.abs(a.fps - b.fps) <= 0.005 * a.fps) return;
  throw new InputError(
    `"${a.folder}" has ${a.fps} frames a second, "${b.folder}" has ${b.fps}; --ignore-fps compares them all the same`,
  );
}

async function read(
  folder: string,
  { nets, flags, context }: {
    readonly nets: readonly FeatureNet[];
    readonly flags: EvalSetFlags;
    readonly context: Context;
  },
): Promise<VideoSet> {
  const progress = makeProgress(context);
  const started = performance.now();
  try {
    return await readVideoSet(folder, {
      nets,
      frames: flags.frames,
      ignoreFps: flags.ignoreFps ?? false,
      device: deviceOf(flags.device),
      signal: context.signal,
      onVideo: (done, of) => {
        const elapsedMs = performance.now() - started;
        progress.update({ label: "videos", done, of, elapsedMs });
      },
    });
  } finally {
    progress.stop();
  }
}

async function weightsOf(
  nets: readonly FeatureNet[],
  { own, i3d, inception }: {
    readonly own: string;
    readonly i3d?: string;
    readonly inception?: string;
  },
): Promise<WeightsUsed[]> {
  const used = { FSVD: own, FVD: i3d, FID: inception } as const;
  return await Promise.all(nets.map(({ distance }) => weightsUsed(distance, used[distance]!)));
}

function table({ sets, distances }: SetRecord): string[] {
  const rows = distances.map(({ name, distance, dimensions, samples }) => [
    name,
    distance.toFixed(4),
    String(dimensions),
    samples.join(" and "),
  ]);
  return [
    `${sets[0].videos} and ${sets[1].videos} videos`,
    ...textTable([["", "distance", "features", "samples"], ...rows]),
  ];
}
