/**
 * Runs `isa4d train report`.
 * @module
 */
import { join } from "node:path";
import { writeText } from "../../lib/io/mod.ts";
import { trainReport } from "../../lib/report/mod.ts";
import type { Context } from "../support/context.ts";

/** Writes the page of the run in `folder`. */
export async function runTrainReport(
  folder: string,
  flags: { readonly output?: string },
  context: Context,
): Promise<void> {
  const run = context.path(folder);
  const output = flags.output === undefined ? join(run, "report.html") : context.path(flags.output);
  await writeText(output, await trainReport(run));
  context.notice(`wrote ${output}`);
}
