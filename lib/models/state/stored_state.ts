/**
 * Checkpoints as models take them.
 * @module
 */
import { dirname, join } from "node:path";
import { ConfigError, InputError } from "../../errors.ts";
import {
  checkShipped,
  listTensors,
  readJson,
  ROW_SCALE,
  type TensorListing,
  type TensorToStore,
  unpackWeights,
} from "../../io/mod.ts";
import { fromBytes, toBytes } from "../../tensor/mod.ts";
import { placedTensor, type StateTensor } from "./state_tensor.ts";

/** Tensors of a checkpoint by name, none of them read yet. */
export interface StoredState {
  /** What the user named. */
  readonly path: string;
  /** Kind of file. */
  readonly format: TensorListing["format"];
  /** Packed weights (`packWeights`) appear as what they were before. */
  readonly tensors: ReadonlyMap<string, StateTensor>;
  /** Facts in the file. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The files behind it. */
  readonly files: readonly string[];
}

/**
 * Lists a checkpoint of any kind that {@linkcode listTensors} knows; errors as there. With `asShipped`
 * a file that isa4d ships must have its hash.
 */
export async function openState(
  path: string,
  { asShipped = true }: { readonly asShipped?: boolean } = {},
): Promise<StoredState> {
  if (asShipped) await checkShipped(path);
  const { format, tensors: places, metadata, files } = await listTensors(path);
  for (const file of asShipped ? files : []) await checkShipped(file);
  const placed = new Map([...places].map(([name, place]) => [name, placedTensor(place)]));
  const tensors = new Map<string, StateTensor>();
  for (const [name, tensor] of placed) {
    if (name.endsWith(ROW_SCALE) && placed.has(name.slice(0, -ROW_SCALE.length))) continue;
    const scales = placed.get(name + ROW_SCALE);
    tensors.set(name, scales ? unpacked(name, tensor, scales) : tensor);
  }
  return { path, format, tensors, metadata, files };
}

function unpacked(name: string, packed: StateTensor, scales: StateTensor): StateTensor {
  const open = () => {
    const both = new Map([[name, read(packed)], [name + ROW_SCALE, read(scales)]]);
    const { bytes, dtype, shape } = unpackWeights(both).get(name)!;
    return fromBytes(bytes, { dtype, shape });
  };
  return { dtype: "float32", shape: packed.shape, open };
}

function read(tensor: StateTensor): TensorToStore {
  using opened = tensor.open();
  return { dtype: tensor.dtype, shape: tensor.shape, bytes: toBytes(opened) };
}

/**
 * The configuration that a file of this project carries. Throws {@linkcode InputError} where it is
 * another kind of file; `called` names what was expected.
 */
export function ownConfig(
  { path, metadata }: StoredState,
  { kind, called }: { readonly kind: string; readonly called: string },
): unknown {
  if (metadata.kind !== kind || !metadata.config) {
    const found = metadata.kind ? `kind "${metadata.kind}"` : "no isa4d metadata";
    throw new InputError(`"${path}" holds no ${called}: ${found}, expected kind "${kind}"`);
  }
  try {
    return JSON.parse(metadata.config);
  } catch (cause) {
    throw new InputError(`"${path}": its configuration is no JSON`, { cause });
  }
}

/** The `config.json` that diffusers and transformers keep beside weights; undefined without one. */
export async function configBeside(
  path: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const isFolder = (await Deno.stat(path).catch(() => undefined))?.isDirectory;
  const file = join(isFolder ? path : dirname(path), "config.json");
  if (!await Deno.stat(file).then((facts) => facts.isFile, () => false)) return undefined;
  const value = await readJson(file);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InputError(`"${file}" is no JSON object`);
  }
  return value as Record<string, unknown>;
}

/** Names for a message: the first ten, and how many more. */
export function someNames(names: readonly string[]): string {
  const rest = names.length > 10 ? ` and ${names.length - 10} more` : "";
  return names.slice(0, 10).join(", ") + rest;
}

/** Runs `body`, a model's own check of a file, and puts the file's name before what it complains of. */
export function named<T>(path: string, body: () => T): T {
  try {
    return body();
  } catch (cause) {
    if (!(cause instanceof InputError || cause instanceof ConfigError)) throw cause;
    throw new InputError(`"${path}": ${cause.message}`, { cause });
  }
}
