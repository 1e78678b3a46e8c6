/**
 * What `isa4d verify` does once its flags are read.
 * @module
 */
import { type Marks, readMarks } from "../../lib/pipelines/record/mod.ts";
import type { Context } from "../support/context.ts";
import { describeSourceType } from "./terms.ts";

/** Prints the marks of a file, as lines or as JSON. */
export async function runVerify(
  file: string,
  { json }: { readonly json?: boolean },
  context: Context,
): Promise<void> {
  const path = context.path(file);
  const marks = await readMarks(path);
  const verdict = verdictOf(marks);
  if (json) {
    const record = { format: "isa4d-verify", version: 1, file: path, verdict, ...marks };
    return await context.print(JSON.stringify(record));
  }
  await context.print([`${path}: ${verdict}`, ...linesOf(marks)].join("\n"));
}

function verdictOf({ digitalSourceType, record }: Marks): "untrusted" | "absent" {
  return digitalSourceType === undefined && record === undefined ? "absent" : "untrusted";
}

function linesOf({ digitalSourceType, creatorTool, ingredients, record }: Marks): string[] {
  return [
    `source       ${digitalSourceType ? describeSourceType(digitalSourceType) : "not said"}`,
    ...creatorTool === undefined ? [] : [`written by   ${creatorTool}`],
    ...ingredients.map(({ file, digitalSourceType }) =>
      `made from    ${file || "a file"}: ${describeSourceType(digitalSourceType)}`
    ),
    ...record === undefined ? [] : [`record       ${record}, see isa4d info`],
  ];
}
