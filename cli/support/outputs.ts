/**
 * What every command does about its outputs before it works.
 * @module
 */
import { UsageError } from "../../lib/errors.ts";
import { guardOutputs, type PlannedOutput } from "../../lib/io/mod.ts";
import type { Context } from "./context.ts";

/** The flag of {@linkcode overwriteOption}, as commander hands it over. */
export interface OverwriteFlag {
  readonly overwrite?: true;
}

/** What a command reads, and whether it may replace files. */
export interface OutputRules extends OverwriteFlag {
  /** Files and folders; undefined for those that are not given. */
  readonly inputs: readonly (string | undefined)[];
}

/**
 * Refuses outputs that are inputs, and those that exist unless `-y` or an answer on the terminal lets
 * them be replaced, which is returned. Paths are full ones; outputs `-` and undefined ones are skipped.
 */
export async function checkOutputs(
  outputs: readonly (PlannedOutput | undefined)[],
  { inputs, overwrite }: OutputRules,
  { io, quiet, log }: Context,
): Promise<boolean> {
  const given = outputs.filter((output) => output !== undefined);
  const stream = given.find(({ path }) => path === "-");
  if (stream && io.outTerminal) {
    throw new UsageError(`${stream.flag} - would fill the terminal: pipe it on, or name a file`);
  }
  const confirm = quiet || log === "json" ? undefined : io.ask;
  return await guardOutputs(given.filter(({ path }) => path !== "-"), {
    inputs: inputs.filter((input) => input !== undefined),
    overwrite,
    confirm: confirm && ((question) => confirm(`${question} [y/N] `)),
  });
}

/** Throws UsageError for a name that does not end as `endings` say. */
export function requireEnding(flag: string, path: string, endings: readonly string[]): void {
  const name = path.toLowerCase();
  if (endings.some((ending) => name.endsWith(ending))) return;
  const [last, ...others] = endings.toReversed();
  const wanted = others.length === 0 ? last : `${others.reverse().join(", ")} or ${last}`;
  throw new UsageError(`${flag} "${path}": expected a name ending in ${wanted}`);
}

/** What the pages of isa4d begin with. */
const PAGE = '<meta name="generator" content="isa4d">';

/** A page; one that isa4d has made before is no foreign file in the folder that it shows. */
export function pageOutput(
  flag: string,
  path: string,
  { renews = false }: { readonly renews?: boolean } = {},
): PlannedOutput {
  requireEnding(flag, path, [".html", ".htm"]);
  return { flag, path, ours: isPage, renews };
}

async function isPage(path: string): Promise<boolean> {
  using file = await Deno.open(path).catch(() => undefined);
  if (!file) return false;
  const start = new Uint8Array(1000);
  const length = await file.read(start) ?? 0;
  return new TextDecoder().decode(start.subarray(0, length)).includes(PAGE);
}
