/**
 * What is killed, and what must be true afterwards.
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";

/** A command that may be killed at any moment and started again. */
export interface Row {
  readonly name: string;
  /** Fills a folder with what the command reads. */
  readonly prepare: (folder: string) => Promise<void>;
  /** The command, as often as it takes. */
  readonly args: readonly string[];
  /** Another program than `isa4d`, with its first arguments. */
  readonly program?: readonly string[];
  /** Processes at once. */
  readonly at?: number;
  /** What was made, as text that is equal where the results are. */
  readonly results: (folder: string) => Promise<string>;
  /** Throws where something in the folder is neither whole nor absent; called after every kill. */
  readonly whole?: (folder: string) => Promise<void>;
  /** Names that the last run may leave behind; by default none but those of a run that nobody killed. */
  readonly mayStay?: RegExp;
}

/** A hash of each file's bytes, by name. */
export async function hashes(folder: string, names: readonly string[]): Promise<string> {
  const all = await Promise.all(names.map(async (name) => {
    const bytes = await Deno.readFile(join(folder, name));
    return `${name} ${createHash("sha256").update(bytes).digest("hex")}`;
  }));
  return all.join("\n");
}

/** Every file below a folder, with the folder's own name left out. */
export function filesIn(folder: string, below = ""): string[] {
  return [...Deno.readDirSync(join(folder, below))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(folder, join(below, name)) : [join(below, name)]
  ).sort();
}
