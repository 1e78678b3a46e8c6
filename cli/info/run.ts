/**
 * What `isa4d info` does once its flags are read.
 * @module
 */
import { fileInfo } from "./file_info.ts";
import type { Context } from "../support/context.ts";

/** Prints the record of a file, as lines or as JSON. */
export async function runInfo(
  file: string,
  { json }: { readonly json?: boolean },
  context: Context,
): Promise<void> {
  const { title, ...info } = await fileInfo(context.path(file));
  if (json) {
    return await context.print(JSON.stringify({ format: "isa4d-info", version: 1, ...info }));
  }
  const rows = leaves(info.record);
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  await context.print([`${info.file}: ${title}`, ...lines].join("\n"));
}

/** More entries than these are counted, not shown; `--json` has them all. */
const [NUMBERS, RECORDS] = [12, 16];

/** Each value under its full name. */
function leaves(value: unknown, name: string = ""): [string, string][] {
  if (Array.isArray(value)) {
    const plain = value.every((part) => typeof part !== "object" || part === null);
    if (value.length > (plain ? NUMBERS : RECORDS)) return [[name, `${value.length} entries`]];
    if (plain) return [[name, value.join(", ") || "none"]];
  }
  if (typeof value !== "object" || value === null) {
    // Enough of a hash to tell two files apart.
    const text = String(value);
    return [[name, /^[0-9a-f]{64}$/.test(text) ? `${text.slice(0, 12)}…` : text]];
  }
  return Object.entries(value).filter(([, part]) => part !== undefined)
    .flatMap(([key, part]) => leaves(part, name === "" ? key : `${name}.${key}`));
}
