import { join } from "node:path";
import { InputError } from "../errors.ts";
import { readSafetensors, writeSafetensors } from "../io/mod.ts";
import { copy_, fromBytes, noGrad, type Tensor, toBytes } from "../tensor/mod.ts";

/** Everything that a run needs to go on: named groups of tensors and a few facts. */
export interface CheckpointState {
  /** Groups such as "model", "ema", "adam"; a tensor is stored as `group/name`. */
  readonly groups: Readonly<Record<string, ReadonlyMap<string, Tensor>>>;
  /** Facts as text: step, config. */
  readonly facts: Readonly<Record<string, string>>;
}

/** Writes `step-N.safetensors` into `folder`, whole or not at all, and drops all but the newest `keep`. */
export async function saveCheckpoint(
  folder: string,
  step: number,
  { groups, facts }: CheckpointState,
  options: { keep: number },
): Promise<string> {
  const path = join(folder, `step-${String(step).padStart(7, "0")}.safetensors`);
  await Deno.mkdir(folder, { recursive: true });
  await writeSafetensors(path, encodeGroups(groups), { ...facts, step: String(step) });
  for (const old of (await listCheckpoints(folder)).slice(0, -options.keep)) await Deno.remove(old);
  return path;
}

/** Checkpoints in `folder`, oldest first. */
export async function listCheckpoints(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (/^step-\d{7}\.safetensors$/.test(entry.name)) names.push(entry.name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort().map((name) => join(folder, name));
}

/**
 * Copies a checkpoint into the tensors of `groups` and returns its facts. Throws
 * {@linkcode InputError} that lists what is missing; nothing is copied then.
 */
export async function loadCheckpoint(
  path: string,
  groups: CheckpointState["groups"],
): Promise<Record<string, string>> {
  const { tensors, metadata } = await readSafetensors(path);
  const pairs: [Tensor, { dtype: Tensor["dtype"]; shape: number[]; bytes: Uint8Array }][] = [];
  const missing: string[] = [];
  for (const [group, members] of Object.entries(groups)) {
    for (const [name, target] of members) {
      const stored = tensors.get(`${group}/${name}`);
      if (!stored || String(stored.shape) !== String(target.shape)) {
        missing.push(`${group}/${name}`);
      } else pairs.push([target, stored]);
    }
  }
  if (missing.length > 0) {
    throw new InputError(
      `checkpoint "${path}" does not fit this configuration: ${missing.length} tensors are missing or of another shape, first "${
        missing[0]
      }"`,
    );
  }
  noGrad(() => {
    for (const [target, { bytes, shape, dtype }] of pairs) {
      using value = fromBytes(bytes, { shape, dtype });
      copy_(target, value);
    }
  });
  return metadata;
}

function encodeGroups(groups: CheckpointState["groups"]) {
  const out = new Map<string, { dtype: Tensor["dtype"]; shape: number[]; bytes: Uint8Array }>();
  for (const [group, members] of Object.entries(groups)) {
    for (const [name, value] of members) {
      out.set(`${group}/${name}`, {
        dtype: value.dtype,
        shape: [...value.shape],
        bytes: toBytes(value),
      });
    }
  }
  return out;
}
