/**
 * Runs `isa4d eval solo`: what can be said of videos without true ones.
 * @module
 */
import { InputError, UsageError } from "../../lib/errors.ts";
import {
  makeProtocol,
  MOTION_SIDE,
  type SoloOptions,
  soloScores,
  type SoloVideo,
  videosIn,
  type WeightsUsed,
  weightsUsed,
} from "../../lib/eval/mod.ts";
import { headOf, metricsOf } from "../../lib/eval/metrics/mod.ts";
import { type Frames, readImage } from "../../lib/io/mod.ts";
import { loadClipVision, type LoadedClipVision } from "../../lib/models/image_encoder/mod.ts";
import { loadSynthImageNet } from "../../lib/models/perceptual/mod.ts";
import { openState } from "../../lib/models/state/mod.ts";
import { shippedFeatures } from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { deviceOf } from "../support/device.ts";
import { tellLeftOut } from "./left_out.ts";
import {
  checkEval,
  type EvalRecord,
  giveRecord,
  type OutFlags,
  shownScore,
  textTable,
} from "./record.ts";
import { makeProgress } from "../support/progress.ts";

/** Flags of `isa4d eval solo`. */
export interface EvalSoloFlags extends OutFlags {
  readonly features?: string;
  readonly clip?: string;
  readonly reference?: string;
  readonly device: string;
}

interface SoloRecord extends EvalRecord {
  readonly kind: "solo";
  readonly videos: readonly SoloVideo[];
}

/** Scores one video, or all of a folder. */
export async function runEvalSolo(
  given: string,
  flags: EvalSoloFlags,
  context: Context,
): Promise<void> {
  const { features, clip: tower, reference: picture } = flags;
  await checkEval("solo", { flags, inputs: [given, features, tower, picture] }, context);
  const paths = await videosOf(context.path(given));
  await tellLeftOut([context.path(given)], context);
  const file = flags.features === undefined
    ? shippedFeatures("image")
    : context.path(flags.features);
  const device = deviceOf(flags.device);
  const reference = await referenceOf(flags, context);
  const { net, vars } = await loadSynthImageNet(file, { device });
  let clip: LoadedClipVision | undefined;
  try {
    if (flags.clip !== undefined) clip = await loadClipVision(context.path(flags.clip), { device });
    const looks = { net, device, ...clip ? { clip } : {}, ...reference ? { reference } : {} };
    const videos = await scoreAll(paths, looks, context);
    const record: SoloRecord = {
      format: "isa4d-eval",
      version: 1,
      kind: "solo",
      protocol: makeProtocol({
        frames: videos.map(({ frames }) => frames),
        sizes: videos.map(({ width, height }) => `${width}×${height}`),
        resized: false,
        metrics: [
          "consistency by features of isa4d's network, person as it finds him",
          `motion of blocks at ${MOTION_SIDE} pixels a side at most`,
          ...clip ? ["CLIP of centre squares, bicubic"] : [],
        ],
        weights: await weightsOf(file, flags, context),
      }),
      videos,
    };
    await giveRecord(record, table(videos), { flags, context });
  } finally {
    vars.dispose();
    clip?.vars.dispose();
  }
}

async function referenceOf(
  { clip, reference }: EvalSoloFlags,
  context: Context,
): Promise<Frames | undefined> {
  if (reference === undefined) return undefined;
  if (clip === undefined) throw new UsageError("--reference is compared by CLIP: give --clip too");
  return await readImage(context.path(reference), { minSide: 1 });
}

async function weightsOf(
  file: string,
  { clip }: EvalSoloFlags,
  context: Context,
): Promise<WeightsUsed[]> {
  const used = [await weightsUsed("isa4d image network", file)];
  if (clip === undefined) return used;
  const { files } = await openState(context.path(clip));
  for (const path of files) used.push(await weightsUsed("CLIP", path));
  return used;
}

/** The video itself, or those of a folder. */
async function videosOf(path: string): Promise<string[]> {
  const facts = await Deno.stat(path).catch((cause) => {
    throw new InputError(`cannot read "${path}": there is no such file or folder`, { cause });
  });
  return facts.isDirectory ? [...(await videosIn(path)).videos.values()] : [path];
}

async function scoreAll(
  paths: readonly string[],
  looks: Omit<SoloOptions, "signal">,
  context: Context,
): Promise<SoloVideo[]> {
  const progress = makeProgress(context);
  const started = performance.now();
  const videos: SoloVideo[] = [];
  try {
    for (const path of paths) {
      videos.push(await soloScores(path, { ...looks, signal: context.signal }));
      const elapsedMs = performance.now() - started;
      const done = videos.length;
      if (paths.length > 1) progress.update({ label: "videos", done, of: paths.length, elapsedMs });
    }
  } finally {
    progress.stop();
  }
  return videos;
}

function table(videos: readonly SoloVideo[]): string[] {
  const there = metricsOf("solo").filter((name) => name in videos[0].scores);
  return textTable([
    ["video", "frames", ...there.map(headOf)],
    ...videos.map(({ path, frames, scores }) => [
      path.replace(/^.*\//, ""),
      String(frames),
      ...there.map((name) => shownScore(name, scores[name])),
    ]),
  ]);
}
