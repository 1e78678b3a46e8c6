/**
 * Runs `isa4d eval solo`: what can be said of videos without true ones.
 * @module
 */
import { InputError } from "../../lib/errors.ts";
import {
  makeProtocol,
  MOTION_SIDE,
  type SoloScores,
  soloScores,
  type SoloVideo,
  videosIn,
  weightsUsed,
} from "../../lib/eval/mod.ts";
import { loadSynthImageNet } from "../../lib/models/perceptual/mod.ts";
import { shippedFeatures } from "../../lib/pipelines/mod.ts";
import type { Device } from "../../lib/tensor/mod.ts";
import type { Context } from "./context.ts";
import { type EvalRecord, giveRecord, type OutFlags, shown, textTable } from "./eval_record.ts";
import { makeProgress } from "./progress.ts";

/** Flags of `isa4d eval solo`. */
export interface EvalSoloFlags extends OutFlags {
  readonly features?: string;
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
  const paths = await videosOf(context.path(given));
  const file = flags.features === undefined
    ? shippedFeatures("image")
    : context.path(flags.features);
  const device = flags.device as Device;
  const { net, vars } = await loadSynthImageNet(file, { device });
  try {
    const videos = await scoreAll(paths, { net, device, context });
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
        ],
        weights: [await weightsUsed("isa4d image network", file)],
      }),
      videos,
    };
    await giveRecord(record, table(videos), { flags, context });
  } finally {
    vars.dispose();
  }
}

/** The video itself, or those of a folder. */
async function videosOf(path: string): Promise<string[]> {
  const facts = await Deno.stat(path).catch((cause) => {
    throw new InputError(`cannot read "${path}"`, { cause });
  });
  return facts.isDirectory ? [...(await videosIn(path)).videos.values()] : [path];
}

async function scoreAll(
  paths: readonly string[],
  { net, device, context }: {
    readonly net: Parameters<typeof soloScores>[1]["net"];
    readonly device: Device;
    readonly context: Context;
  },
): Promise<SoloVideo[]> {
  const progress = makeProgress(context);
  const started = performance.now();
  const videos: SoloVideo[] = [];
  try {
    for (const path of paths) {
      videos.push(await soloScores(path, { net, device, signal: context.signal }));
      const elapsedMs = performance.now() - started;
      const done = videos.length;
      if (paths.length > 1) progress.update({ label: "videos", done, of: paths.length, elapsedMs });
    }
  } finally {
    progress.stop();
  }
  return videos;
}

const columns: readonly (readonly [keyof SoloScores, string])[] = [
  ["subjectConsistency", "subject"],
  ["backgroundConsistency", "background"],
  ["motionSmoothness", "smoothness"],
  ["dynamicDegree", "dynamic"],
  ["steadiness", "steadiness"],
];

function table(videos: readonly SoloVideo[]): string[] {
  return textTable([
    ["video", "frames", ...columns.map(([, title]) => title)],
    ...videos.map(({ path, frames, scores }) => [
      path.replace(/^.*\//, ""),
      String(frames),
      ...columns.map(([name]) => shown(scores[name])),
    ]),
  ]);
}
