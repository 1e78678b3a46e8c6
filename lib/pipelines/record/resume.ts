/**
 * What a generation leaves on disk while it runs, so that one that was cut goes on: after each step
 * the state of sampling, after the last one the latents, which outlive a failure in the decoder.
 * @module
 */
import { dirname, join } from "node:path";
import type { SavedState } from "../../diffusion/mod.ts";
import { InputError } from "../../errors.ts";
import {
  isSequencePattern,
  readSafetensors,
  SafetensorsFile,
  type StoredTensor,
  type TensorToStore,
  writeSafetensors,
} from "../../io/mod.ts";
import { type Device, fromBytes, scope, type Tensor, to, toBytes } from "../../tensor/mod.ts";
import type { Job } from "../job/mod.ts";
import { readLatents, type StoredLatents } from "./latents_file.ts";
import { type GenerationRecord, parseRecord } from "./provenance.ts";
import { requireSameJob } from "./same_job.ts";

/** What was found of an earlier run; the holder frees it. */
export type Recovered =
  | { readonly kind: "sampling"; readonly saved: SavedState }
  | { readonly kind: "latents"; readonly stored: StoredLatents };

/** Where a generation keeps its state; undefined where it writes to a stream. */
export function resumePath(output: string): string | undefined {
  if (output === "-") return undefined;
  return isSequencePattern(output)
    ? join(dirname(output), "resume.safetensors")
    : `${output}.resume.safetensors`;
}

/** Settings that a generation may be gone on with under other values. */
const free: readonly (keyof Job)[] = ["output"];

/** Saves a walk, whole or not at all. */
export async function writeSampling(
  path: string,
  { done, state }: SavedState,
  record: object,
): Promise<void> {
  const tensors = new Map([
    ["sample", stored(state.sample)],
    ...state.history.map((tensor, i) => [`history.${i}`, stored(tensor)] as const),
  ]);
  await writeSafetensors(path, tensors, {
    ...{ format: "isa4d", kind: "sampling", done: String(done) },
    record: JSON.stringify(record),
  });
}

/**
 * Reads what an earlier run of the same job left; undefined where it left nothing.
 *
 * @throws InputError for a file of another kind or of another job, with what differs
 */
export async function recover(
  path: string,
  { record, device }: { readonly record: GenerationRecord; readonly device: Device },
): Promise<Recovered | undefined> {
  const found = await Deno.stat(path).catch(() => undefined);
  if (!found) return undefined;
  const { tensors, metadata } = await readSafetensors(path);
  const { kind } = metadata;
  if ((kind !== "sampling" && kind !== "latents") || !metadata.record) {
    throw new InputError(`"${path}" holds no state of a generation; move it away to start over`);
  }
  const there = parseRecord(metadata.record, path);
  requireSameJob(path, { there, here: record, free }, "-y without --resume starts over");
  if (kind === "latents") return { kind, stored: await readLatents(path) };
  return { kind, saved: savedState(path, { tensors, metadata }, device) };
}

/**
 * The job with the number type of what `path` keeps of an earlier run, where the job leaves that to the
 * machine: another machine may have begun it.
 */
export async function withDtypeLeft(job: Job, path: string | undefined): Promise<Job> {
  if (job.dtype !== "auto" || path === undefined) return job;
  try {
    using file = await SafetensorsFile.open(path);
    return { ...job, dtype: parseRecord(file.metadata.record ?? "", path).job.dtype };
  } catch {
    return job; // there is none; or it is broken, which recover reports
  }
}

/** The walk in a file that {@linkcode writeSampling} wrote; the holder frees it. */
export function savedState(
  path: string,
  { tensors, metadata }: {
    readonly tensors: ReadonlyMap<string, StoredTensor>;
    readonly metadata: Readonly<Record<string, string>>;
  },
  device: Device,
): SavedState {
  const done = Number(metadata.done);
  const names = ["sample", ...Array.from({ length: tensors.size - 1 }, (_, i) => `history.${i}`)];
  const [sample, ...history] = names.flatMap((name) => tensors.get(name) ?? []);
  if (!sample || history.length < tensors.size - 1 || !Number.isInteger(done) || done < 1) {
    throw new InputError(
      `"${path}" lacks its sample, a step or what came before it; -y without --resume starts over`,
    );
  }
  return {
    done,
    state: { sample: loaded(sample, device), history: history.map((t) => loaded(t, device)) },
  };
}

function stored(tensor: Tensor): TensorToStore {
  return { dtype: tensor.dtype, shape: [...tensor.shape], bytes: toBytes(tensor) };
}

function loaded({ bytes, shape, dtype }: StoredTensor, device: Device): Tensor {
  return scope(() => to(fromBytes(bytes, { shape, dtype }), { device }));
}

/** Least time between two saved states of quick steps; on disk one takes about 20 ms. */
const SAVE_EVERY_MS = 1000;

/** Whether the state is to be saved after so many steps. */
export function savingRhythm(every: number | undefined): (done: number) => boolean {
  let last = performance.now();
  return (done) => {
    if (every !== undefined) return done % every === 0;
    if (performance.now() - last < SAVE_EVERY_MS) return false;
    last = performance.now();
    return true;
  };
}
