/**
 * The best checkpoint so far, by validation, which stays when older ones go. `best.json` names it.
 * @module
 */
import { join } from "node:path";
import { writeJson } from "../io/mod.ts";

/** The file that names it. */
export const BEST_NAME = "best.json";

/** A checkpoint and its validation loss. */
export interface Best {
  readonly step: number;
  /** Lower is better. */
  readonly loss: number;
  /** Name of the checkpoint's file. */
  readonly file: string;
}

/** What `folder` remembers; undefined where nothing was validated yet. */
export async function readBest(folder: string): Promise<Best | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(join(folder, BEST_NAME)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Remembers `candidate` where it is better than what was there; returns the better one. */
export async function rememberBest(folder: string, candidate: Best): Promise<Best> {
  const best = await readBest(folder);
  if (best && best.loss <= candidate.loss) return best;
  await writeJson(join(folder, BEST_NAME), candidate);
  return candidate;
}
