/**
 * Says what a folder of videos holds besides: nothing is left out silently.
 * @module
 */
import { videosIn } from "../../lib/eval/mod.ts";
import type { Context } from "../support/context.ts";

/** Most names that are told. */
const MOST = 5;

/** Warns of files that are no videos; of a path that is no folder nothing is said. */
export async function tellLeftOut(paths: readonly string[], context: Context): Promise<void> {
  for (const path of new Set(paths)) {
    const facts = await Deno.stat(path).catch(() => undefined);
    if (!facts?.isDirectory) continue;
    const { others } = await videosIn(path);
    if (others.length === 0) continue;
    const names = others.slice(0, MOST).map((name) => `"${name}"`).join(", ");
    const more = others.length > MOST ? ` and ${others.length - MOST} more` : "";
    context.warn(`"${path}" has files that are not videos, left out: ${names}${more}`);
  }
}
