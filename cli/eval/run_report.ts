/**
 * Runs `isa4d eval report`.
 * @module
 */
import { join } from "node:path";
import { writeText } from "../../lib/io/mod.ts";
import { evalReport } from "../../lib/report/mod.ts";
import type { Context } from "../support/context.ts";
import { checkOutputs, type OverwriteFlag, pageOutput } from "../support/outputs.ts";

/** Writes the page of all records in the folders. */
export async function runEvalReport(
  folders: readonly string[],
  { output, overwrite }: OverwriteFlag & { readonly output?: string },
  context: Context,
): Promise<void> {
  const paths = folders.map((folder) => context.path(folder));
  const path = output === undefined ? join(paths[0], "report.html") : context.path(output);
  const page = pageOutput("-o", path, { renews: output === undefined });
  await checkOutputs([page], { inputs: paths, overwrite }, context);
  await writeText(path, await evalReport(paths));
  context.notice(`wrote ${path}`);
}
