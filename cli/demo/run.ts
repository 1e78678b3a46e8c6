/**
 * What `isa4d demo` does once its flags are read.
 * @module
 */
import { join, relative } from "node:path";
import { readVideo, writeJson } from "../../lib/io/mod.ts";
import { findJobWeights } from "../../lib/pipelines/mod.ts";
import { finishDemo, prepareDemo } from "../../lib/demo/mod.ts";
import type { Context } from "../support/context.ts";
import { makeVideo } from "../generate/make_video.ts";
import { filesIn, isRecord, jobOutput } from "../support/job_outputs.ts";
import { checkOutputs, type OverwriteFlag } from "../support/outputs.ts";

/** All flags of `isa4d demo`. */
export interface DemoFlags extends OverwriteFlag {
  readonly output: string;
  readonly weights: string;
  readonly person: number;
  readonly seed: number;
}

/** Renders the inputs, generates, writes the sheet, prints where everything is. */
export async function runDemo(flags: DemoFlags, context: Context): Promise<void> {
  const folder = context.path(flags.output);
  const weights = /^[\w-]+$/.test(flags.weights) ? flags.weights : context.path(flags.weights);
  await claimFolder(folder, { ...flags, weights }, context);
  context.notice("rendering a reference person and a background");
  const demo = await prepareDemo({ ...flags, folder, weights });
  const { job } = demo;
  const written = await makeVideo(job, {}, context);
  const sheet = await finishDemo(demo, { folder, result: await readVideo(job.output) });
  const files = [job.reference.image, job.reference.pose, job.background, ...written, ...sheet];
  for (const path of files) await context.print(relative(context.io.cwd, path));
}

/** Says that a folder is the demonstration's, which may make its files again. */
const MARK = "demo.json";
const FORMAT = "isa4d-demo";

const FILES: readonly string[] = [
  ...["reference.png", "reference.json", "background.mp4", "truth.mp4", "contact_sheet.png"],
];

/** Refuses a folder with files of others under the demonstration's names; else marks it. */
async function claimFolder(
  folder: string,
  { weights, person, seed, overwrite }: DemoFlags,
  context: Context,
): Promise<void> {
  const isDemo = await isRecord(join(folder, MARK), [FORMAT]);
  const known = { flag: "-o", ours: () => Promise.resolve(isDemo), renews: true };
  const result = { ...jobOutput({ output: join(folder, "result.mp4") }), ...known };
  const outputs = [...filesIn(folder, [MARK, ...FILES], known), result];
  const inputs = await findJobWeights(weights).then(({ all }) => all, () => []);
  await checkOutputs(outputs, { inputs, overwrite }, context);
  await writeJson(join(folder, MARK), { format: FORMAT, version: 1, weights, person, seed });
}
