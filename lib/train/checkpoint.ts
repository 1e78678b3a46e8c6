/**
 * Checkpoints: what a run needs to go on, in files that appear whole or not at all.
 *
 * A run of one process writes `step-N.safetensors`. Among R ranks each writes the tensors that it
 * owns, rank 0 last: its file is the checkpoint's name, and where it is there the others are.
 * @module
 */
import { join } from "node:path";
import { InputError } from "../errors.ts";
import { removeQuietly, SafetensorsFile, type TensorToMake, writeSafetensors } from "../io/mod.ts";
import { BEST_NAME } from "./best.ts";
import { copy_, fromBytes, noGrad, type Tensor, toBytes } from "../tensor/mod.ts";
import { Ranks } from "./distributed/mod.ts";

/** Everything that a run needs to go on: named groups of tensors and a few facts. */
export interface CheckpointState {
  /** Groups such as "model", "ema", "adam"; a tensor is stored as `group/name`. */
  readonly groups: Readonly<Record<string, ReadonlyMap<string, Tensor>>>;
  /** Facts as text: step, config. */
  readonly facts: Readonly<Record<string, string>>;
}

/** Writes the checkpoint of `step` into `folder`; among ranks, each gives its own tensors. */
export async function saveCheckpoint(
  folder: string,
  step: number,
  { groups, facts }: CheckpointState,
  ranks: Ranks = Ranks.alone,
): Promise<string> {
  const path = join(folder, `step-${String(step).padStart(7, "0")}.safetensors`);
  await Deno.mkdir(folder, { recursive: true });
  // The same number in all files of a checkpoint, so that files of two are never taken for one.
  const [saved] = ranks.sum([ranks.rank === 0 ? Math.random() : 0]);
  const own = {
    ...facts,
    step: String(step),
    ...ranks.world > 1 && { ranks: String(ranks.world), saved: String(saved) },
  };
  if (ranks.rank > 0) {
    await writeSafetensors(rankPath(path, ranks.rank, ranks.world), encodeGroups(groups), own);
  }
  await ranks.barrier();
  if (ranks.rank === 0) await writeSafetensors(path, encodeGroups(groups), own);
  await ranks.barrier();
  return path;
}

/** Checkpoints in `folder`, oldest first. */
export async function listCheckpoints(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  return names.filter((name) => /^step-\d{7}\.safetensors$/.test(name)).sort()
    .map((name) => join(folder, name));
}

/** The newest checkpoint in `folder` that has all its files; undefined where there is none. */
export async function newestCheckpoint(folder: string): Promise<string | undefined> {
  for (const path of (await listCheckpoints(folder)).reverse()) {
    if (await isComplete(path)) return path;
  }
  return undefined;
}

/** Removes all but the newest `keep` checkpoints and `best`, and files of broken-off ones. */
export async function pruneCheckpoints(
  folder: string,
  { keep, best }: { readonly keep: number; readonly best?: string },
): Promise<void> {
  const all = await listCheckpoints(folder);
  const kept = new Set([
    ...keep === 0 ? [] : all.slice(-keep),
    ...best === undefined ? [] : [best],
  ]);
  // The file that makes a checkpoint goes first.
  for (const path of all) if (!kept.has(path)) await Deno.remove(path);
  for (const name of await namesIn(folder)) {
    const match = /^(step-\d{7})\.rank-\d+-of-\d+\.safetensors$/.exec(name);
    const orphan = match && !kept.has(join(folder, `${match[1]}.safetensors`));
    // Part files of a process that was killed while it wrote; nobody writes now.
    if (orphan || /^\..+\.part$/.test(name)) await Deno.remove(join(folder, name));
  }
}

/** Removes all checkpoints of a run, and what it remembers of the best one. */
export async function discardRun(folder: string): Promise<void> {
  await pruneCheckpoints(folder, { keep: 0 });
  await removeQuietly(join(folder, BEST_NAME));
}

/**
 * Copies a checkpoint, whatever number of ranks wrote it, into the tensors of `groups` and returns
 * its facts. Throws {@linkcode InputError} that counts what is missing; nothing is copied then.
 */
export async function loadCheckpoint(
  path: string,
  groups: CheckpointState["groups"],
): Promise<Readonly<Record<string, string>>> {
  const files = await openAll(path);
  try {
    const found = Object.entries(groups).flatMap(([group, members]) =>
      [...members].map(([name, target]) => {
        const key = `${group}/${name}`;
        const file = files.find(({ entries }) => entries.has(key));
        const fits = String(file?.entries.get(key)?.shape) === String(target.shape);
        return { key, target, file: fits ? file : undefined };
      })
    );
    const missing = found.filter(({ file }) => !file).map(({ key }) => key);
    if (missing.length > 0) {
      throw new InputError(
        `checkpoint "${path}" does not fit this configuration: ${missing.length} tensors are missing or of another shape, first "${
          missing[0]
        }"`,
      );
    }
    for (const { key, target, file } of found) {
      const { bytes, shape, dtype } = await file!.read(key);
      using value = fromBytes(bytes, { shape, dtype });
      noGrad(() => copy_(target, value));
    }
    return files[0].metadata;
  } finally {
    for (const file of files) file[Symbol.dispose]();
  }
}

function rankPath(path: string, rank: number, world: number): string {
  return path.replace(/\.safetensors$/, `.rank-${rank}-of-${world}.safetensors`);
}

/** All files of a checkpoint, rank 0's first; the caller closes them. */
async function openAll(path: string): Promise<SafetensorsFile[]> {
  const files = [await SafetensorsFile.open(path)];
  try {
    const { ranks = "1", saved } = files[0].metadata;
    for (let rank = 1; rank < Number(ranks); rank++) {
      const other = rankPath(path, rank, Number(ranks));
      files.push(await SafetensorsFile.open(other));
      if (files[rank].metadata.saved === saved) continue;
      throw new InputError(`"${other}" was saved at another time than "${path}"`);
    }
    return files;
  } catch (error) {
    for (const file of files) file[Symbol.dispose]();
    throw error;
  }
}

async function isComplete(path: string): Promise<boolean> {
  try {
    for (const file of await openAll(path)) file[Symbol.dispose]();
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return [...await Array.fromAsync(Deno.readDir(folder))].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function encodeGroups(groups: CheckpointState["groups"]): Map<string, TensorToMake> {
  const out = new Map<string, TensorToMake>();
  for (const [group, members] of Object.entries(groups)) {
    for (const [name, value] of members) {
      const { dtype, shape } = value;
      out.set(`${group}/${name}`, { dtype, shape, make: () => toBytes(value) });
    }
  }
  return out;
}
