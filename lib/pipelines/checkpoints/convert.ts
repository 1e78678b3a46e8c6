/**
 * Other people's checkpoints as files of this project.
 * @module
 */
import { ConfigError, InputError } from "../../errors.ts";
import { readJson, writeSafetensors } from "../../io/mod.ts";
import {
  type IsaDitConfig,
  isaDitFromSd3,
  isaDitPresets,
  parseIsaDitConfig,
  saveIsaDit,
} from "../../models/isa_dit/mod.ts";
import { aboutIn, type ModelAbout, openState, toStore } from "../../models/state/mod.ts";
import { loadImageVae, videoVaeFacts } from "../../models/video_vae/mod.ts";
import type { DType } from "../../tensor/mod.ts";

/** What a checkpoint can be turned into. */
const convertTargets = ["video_vae", "isa_dit", "safetensors"] as const;

/** One of {@linkcode convertTargets}. */
export type ConvertTarget = typeof convertTargets[number];

/** How a checkpoint is converted. */
export interface ConvertOptions {
  readonly to: ConvertTarget;
  /** The file that is written. */
  readonly output: string;
  /** Type of the floating-point tensors; default what they are, for new models float32. */
  readonly dtype?: DType;
  /** For an ISA-DiT: preset, or JSON file. Default isa4d-4b. */
  readonly config?: string;
  /** For an ISA-DiT: a CLIP vision tower of transformers. */
  readonly imageEncoder?: string;
  /** For an ISA-DiT: seed of the new parts. */
  readonly seed?: number;
}

/** What was written. */
export interface ConvertReport {
  readonly output: string;
  readonly kind: ConvertTarget;
  readonly tensors: number;
  readonly parameters: number;
  /** Tensors of the input that the result does not have. */
  readonly dropped: readonly string[];
}

/** Converts the checkpoint `input`. Throws {@linkcode InputError} where it does not fit. */
export async function convertWeights(
  input: string,
  options: ConvertOptions,
): Promise<ConvertReport> {
  if (options.to === "video_vae") return await toVideoVae(input, options);
  if (options.to === "isa_dit") return await toIsaDit(input, options);
  return await toSafetensors(input, options);
}

async function toVideoVae(input: string, options: ConvertOptions): Promise<ConvertReport> {
  const { output, dtype } = options;
  const { config, vars } = await loadImageVae(input);
  const about = await aboutOf(input);
  try {
    await writeSafetensors(output, toStore(vars.named(), { dtype }), videoVaeFacts(config, about));
    return {
      ...{ output, kind: "video_vae", dropped: [] },
      ...{ tensors: vars.named().size, parameters: vars.countParameters() },
    };
  } finally {
    vars.dispose();
  }
}

async function toIsaDit(input: string, options: ConvertOptions): Promise<ConvertReport> {
  const { output, dtype, imageEncoder, seed } = options;
  const config = await isaDitConfigOf(options.config ?? "isa4d-4b");
  const { dit, vars, dropped } = await isaDitFromSd3(input, { config, imageEncoder, dtype, seed });
  try {
    await saveIsaDit(output, { config: dit.config, vars }, { about: await aboutOf(input) });
    return {
      ...{ output, kind: "isa_dit", dropped },
      ...{ tensors: vars.named().size, parameters: vars.countParameters() },
    };
  } finally {
    vars.dispose();
  }
}

/** A preset by name, or a file: the record itself, or one of training that has it as `model`. */
async function isaDitConfigOf(given: string): Promise<IsaDitConfig> {
  if (Object.hasOwn(isaDitPresets, given)) return isaDitPresets[given];
  const known = Object.keys(isaDitPresets).join(", ");
  if (!await Deno.stat(given).then(({ isFile }) => isFile, () => false)) {
    throw new InputError(`there is no config "${given}": expected ${known}, or a JSON file`);
  }
  const record = await readJson(given) as { model?: unknown } | null;
  try {
    return parseIsaDitConfig(record?.model ?? record);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new InputError(`"${given}": ${cause.message}`, { cause });
  }
}

/** Who made a checkpoint, and under which licence, where it says so itself. */
async function aboutOf(input: string): Promise<ModelAbout> {
  return aboutIn((await openState(input)).metadata);
}

async function toSafetensors(input: string, options: ConvertOptions): Promise<ConvertReport> {
  const { output, dtype } = options;
  const { tensors, metadata } = await openState(input);
  if (tensors.size === 0) throw new InputError(`"${input}" holds no tensors`);
  await writeSafetensors(output, toStore(tensors, { dtype }), metadata);
  const parameters = [...tensors.values()]
    .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  return { output, kind: "safetensors", tensors: tensors.size, parameters, dropped: [] };
}
