/**
 * What a file of weights holds, told from its names and sizes alone.
 * @module
 */
import { IsaError } from "../../errors.ts";
import { dtypeBytes } from "../../tensor/mod.ts";
import { clipVisionConfigOf, findClipVision } from "../../models/image_encoder/mod.ts";
import { findSd3 } from "../../models/isa_dit/mod.ts";
import { configBeside, openState, type StoredState } from "../../models/state/mod.ts";
import { findImageVae, imageVaeConfig } from "../../models/video_vae/mod.ts";
import { checkOwnModel, isOwnModel, type OwnModel } from "./own_models.ts";

/** A model that was recognised in a file. */
export interface HeldModel {
  /** What it is. */
  readonly model:
    | "VideoVAE"
    | "ISA-DiT"
    | "image network"
    | "video network"
    | "image VAE"
    | "SD3 transformer"
    | "CLIP vision tower";
  /** Whose names its tensors have. */
  readonly layout: "isa4d" | "diffusers" | "single file" | "transformers";
  /** How it is used here, as a command's flag. */
  readonly use: string;
  /** Sizes, as this project's configuration has them. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** What keeps it from being used. */
  readonly problem?: string;
}

/** Facts of a checkpoint. */
export interface CheckpointFacts {
  readonly file: string;
  readonly format: "safetensors" | "torch";
  /** Files behind it. */
  readonly files: readonly string[];
  /** Number of tensors. */
  readonly tensors: number;
  /** Values of all tensors. */
  readonly values: number;
  /** Bytes that they take as stored; packed ones count as what they unpack to. */
  readonly bytes: number;
  /** Tensors by element type. */
  readonly dtypes: Readonly<Record<string, number>>;
  /** The file's own facts but for the configuration. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Models that were recognised. */
  readonly holds: readonly HeldModel[];
  /** Name, element type and sizes of each tensor. */
  readonly list: readonly {
    readonly name: string;
    readonly dtype: string;
    readonly shape: number[];
  }[];
}

/** Tells what `path` holds; errors as `listTensors`. */
export async function inspectCheckpoint(path: string): Promise<CheckpointFacts> {
  const state = await openState(path);
  const dtypes: Record<string, number> = {};
  let [values, bytes] = [0, 0];
  for (const { dtype, shape } of state.tensors.values()) {
    const count = shape.reduce((product, size) => product * size, 1);
    dtypes[dtype] = (dtypes[dtype] ?? 0) + 1;
    values += count;
    bytes += count * dtypeBytes(dtype);
  }
  const { config: _, ...metadata } = state.metadata;
  return {
    ...{ file: path, format: state.format, files: state.files, tensors: state.tensors.size },
    ...{ values, bytes, dtypes, metadata, holds: await modelsIn(state) },
    list: [...state.tensors].map(([name, { dtype, shape }]) => ({
      name,
      dtype,
      shape: [...shape],
    })),
  };
}

const own: Readonly<Record<OwnModel["kind"], readonly [HeldModel["model"], string]>> = {
  video_vae: ["VideoVAE", "reconstruct --weights"],
  isa_dit: ["ISA-DiT", "train dit --init, or as isa_dit.safetensors of a folder"],
  synth_image_net: ["image network", "eval solo --features, eval follow --features"],
  synth_video_net: ["video network", "eval set --features"],
};

async function modelsIn(state: StoredState): Promise<HeldModel[]> {
  if (isOwnModel(state)) {
    const [model, use] = own[state.metadata.kind as OwnModel["kind"]];
    return [held({ model, layout: "isa4d", use }, () => checkOwnModel(state).config)];
  }
  const facts = await configBeside(state.path);
  const found: HeldModel[] = [];
  const vae = findImageVae(state.tensors);
  if (vae) {
    const use = "reconstruct --vae, or weights convert --to video_vae";
    const { layout } = vae;
    found.push(held({ model: "image VAE", layout, use }, () => imageVaeConfig(vae, { facts })));
  }
  const sd3 = findSd3(state.tensors);
  if (sd3) {
    const use = "weights convert --to isa_dit";
    found.push({ model: "SD3 transformer", layout: sd3.layout, use });
  }
  const clip = findClipVision(state.tensors);
  if (clip) {
    const use = "weights convert --to isa_dit --image-encoder";
    const about = { model: "CLIP vision tower", layout: "transformers", use } as const;
    found.push(held(about, () => clipVisionConfigOf(clip, facts)));
  }
  return found;
}

function held(
  about: Omit<HeldModel, "config" | "problem">,
  config: () => Readonly<Record<string, unknown>>,
): HeldModel {
  try {
    return { ...about, config: config() };
  } catch (error) {
    if (!(error instanceof IsaError)) throw error;
    return { ...about, problem: error.message };
  }
}
