/**
 * Runs `isa4d train report`.
 * @module
 */
import { join } from "node:path";
import { writeText } from "../../lib/io/mod.ts";
import { trainReport } from "../../lib/report/mod.ts";
import type { Context } from "../support/context.ts";
import { checkOutputs, type OverwriteFlag, pageOutput } from "../support/outputs.ts";

/** Writes the page of the run in `folder`. */
export async function runTrainReport(
  folder: string,
  flags: OverwriteFlag & { readonly output?: string },
  context: Context,
): Promise<void> {
  const run = context.path(folder);
  const output = flags.output === undefined ? join(run, "report.html") : context.path(flags.output);
  const page = pageOutput("-o", output, { renews: flags.output === undefined });
  await checkOutputs([page], { ...flags, inputs: [run] }, context);
  await writeText(output, await trainReport(run));
  context.notice(`wrote ${output}`);
}
