/**
 * What `isa4d demo` does once its flags are read.
 * @module
 */
import { relative } from "node:path";
import { readVideo } from "../../lib/io/mod.ts";
import { finishDemo, prepareDemo } from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { makeVideo } from "../generate/run.ts";

/** All flags of `isa4d demo`. */
export interface DemoFlags {
  readonly output: string;
  readonly weights: string;
  readonly person: number;
  readonly seed: number;
}

/** Renders the inputs, generates, writes the sheet, prints where everything is. */
export async function runDemo(flags: DemoFlags, context: Context): Promise<void> {
  const folder = context.path(flags.output);
  const weights = /^[\w-]+$/.test(flags.weights) ? flags.weights : context.path(flags.weights);
  context.notice("rendering a reference person and a background");
  const demo = await prepareDemo({ ...flags, folder, weights });
  const { job } = demo;
  const written = await makeVideo(job, {}, context);
  const sheet = await finishDemo(demo, { folder, result: await readVideo(job.output) });
  const files = [job.reference.image, job.reference.pose, job.background, ...written, ...sheet];
  for (const path of files) await context.print(relative(context.io.cwd, path));
}
