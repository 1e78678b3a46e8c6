/**
 * What `isa4d index` does.
 * @module
 */
import { join } from "node:path";
import { hasHumans, indexVideos, VIDEO_INDEX_NAME } from "../../lib/data/mod.ts";
import type { Context } from "../support/context.ts";
import { isRecord } from "../support/job_outputs.ts";
import { checkOutputs, type OverwriteFlag, requireEnding } from "../support/outputs.ts";
import { makeProgress } from "../support/progress.ts";

/** Flags of `isa4d index`. */
export interface IndexFlags extends OverwriteFlag {
  readonly output?: string;
  readonly jobs: number;
}

/** Checks the folder, lists what is left out, and prints the index's path. */
export async function runIndex(
  folder: string,
  flags: IndexFlags,
  context: Context,
): Promise<void> {
  const root = context.path(folder);
  const out = flags.output === undefined
    ? join(root, VIDEO_INDEX_NAME)
    : context.path(flags.output);
  requireEnding("-o", out, [".json"]);
  const ours = (path: string) => isRecord(path, ["isa4d-videos"]);
  const output = { flag: "-o", path: out, ours, renews: true };
  await checkOutputs([output], { ...flags, inputs: [root] }, context);
  const progress = makeProgress(context);
  const started = performance.now();
  const { index, fresh } = await indexVideos({
    folder: root,
    out,
    jobs: flags.jobs,
    signal: context.signal,
    onVideo: ({ done, of }) =>
      progress.update({ label: "checking", done, of, elapsedMs: performance.now() - started }),
  }).finally(() => progress.stop());
  const leftOut = index.videos.flatMap((video) => video.leftOut);
  for (const { path, why } of leftOut) {
    context.event("left out", { path, why }, `left out ${path}: ${why}`);
  }
  const entries = index.videos.flatMap(({ entry }) => entry ?? []);
  const counts = {
    videos: entries.filter(({ frames }) => frames > 1).length,
    pictures: entries.filter(({ frames }) => frames === 1).length,
    withHumans: entries.filter(hasHumans).length,
    leftOut: leftOut.length,
    fresh,
  };
  context.event(
    "index",
    counts,
    `${counts.videos} videos and ${counts.pictures} pictures, ${counts.withHumans} of them with ` +
      `body and camera; ${counts.leftOut} files left out; ${fresh} were read, the others had not changed`,
  );
  await context.print(out);
}
