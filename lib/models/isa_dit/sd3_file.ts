import { InputError } from "../../errors.ts";
import { Vars } from "../../nn/mod.ts";
import type { Device, DType } from "../../tensor/mod.ts";
import { openClipVision } from "../image_encoder/mod.ts";
import { configBeside, named, openState, someNames, type StateTensor } from "../state/mod.ts";
import type { IsaDitConfig } from "./config.ts";
import { IsaDit } from "./model.ts";
import { findSd3, sd3ImageStream } from "./sd3_layout.ts";
import type { LoadedIsaDit } from "./weights.ts";

/** What an ISA-DiT is built from besides SD3. */
export interface Sd3Options {
  readonly config: IsaDitConfig;
  /**
   * A CLIP vision tower of transformers, which training then leaves as it is; without it the image
   * encoder starts random, and learns.
   */
  readonly imageEncoder?: string;
  readonly device?: Device;
  /** Type of all variables. Default float32. */
  readonly dtype?: DType;
  /** Seed of the parts that no file gives. */
  readonly seed?: number;
}

/** The model, and the tensors of the files that it does not have. */
export interface IsaDitFromSd3 extends LoadedIsaDit {
  readonly dropped: readonly string[];
}

/**
 * Builds an ISA-DiT on the image stream of SD3's transformer (diffusers' layout or SD3's single file):
 * new parts get their first values, whose gates are zero, so that each frame comes out as SD3 alone
 * would make it without text. Free it with `vars.dispose()`.
 *
 * @throws InputError when the file holds no such transformer, lacks or has tensors, or its sizes are
 * not the configuration's
 */
export async function isaDitFromSd3(path: string, options: Sd3Options): Promise<IsaDitFromSd3> {
  const { imageEncoder, device, dtype, seed } = options;
  const config: IsaDitConfig = {
    ...options.config,
    imageEncoderWeights: imageEncoder === undefined ? "own" : "clip",
  };
  const { tensors } = await openState(path);
  const sd3 = findSd3(tensors);
  if (!sd3) {
    throw new InputError(
      `"${path}" holds no transformer of SD3: no transformer_blocks or joint_blocks with context among ${tensors.size} tensors (${
        someNames([...tensors.keys()])
      })`,
    );
  }
  checkHeads(path, config, await configBeside(path));
  const stream = named(path, () => sd3ImageStream(sd3, config));
  const tower = imageEncoder === undefined ? undefined : await towerOf(imageEncoder, config);
  const state = new Map([...stream.tensors, ...tower?.tensors ?? []]);
  const vars = Vars.root({ device, dtype, seed, given: (name) => state.has(name) });
  try {
    const dit = new IsaDit(vars, config);
    named(path, () => checkNames(vars, stream.tensors));
    named(path, () => vars.load(state, { strict: false }));
    return { dit, vars, dropped: [...stream.dropped, ...tower?.dropped ?? []] };
  } catch (error) {
    vars.dispose();
    throw error;
  }
}

/** What of ISA-DiT is SD3's. */
const ofSd3 = /^(pos_embed|time_text_embed|transformer_blocks|norm_out|proj_out)\./;

function checkNames(vars: Vars, stream: ReadonlyMap<string, StateTensor>): void {
  const own = vars.named();
  const missing = [...own.keys()].filter((name) => ofSd3.test(name) && !stream.has(name));
  const unexpected = [...stream.keys()].filter((name) => !own.has(name));
  const complaints = [["missing", missing], ["unexpected", unexpected]] as const;
  const text = complaints.filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${names.length} ${what} (${someNames(names)})`);
  if (text.length > 0) throw new InputError(`weights do not fit: ${text.join("; ")}`);
}

/** Heads show in no tensor; diffusers writes them down. */
function checkHeads(
  path: string,
  { heads }: IsaDitConfig,
  facts: Readonly<Record<string, unknown>> = {},
): void {
  const said = facts._class_name === "SD3Transformer2DModel" ? facts.num_attention_heads : heads;
  if (said !== undefined && said !== heads) {
    throw new InputError(`"${path}" has ${said} heads by its config.json; the config has ${heads}`);
  }
}

async function towerOf(
  path: string,
  { imageEncoder: expected, identityGlobal }: IsaDitConfig,
): Promise<{ tensors: Map<string, StateTensor>; dropped: readonly string[] }> {
  if (!identityGlobal) throw new InputError(`"${path}": the config has no image encoder`);
  const { tensors, dropped, config } = await openClipVision(path);
  // ISA-DiT reads the tower's tokens; the projection to the space of texts is not among its parts.
  const own = [...tensors].filter(([name]) => !name.startsWith("visual_projection."));
  const left = tensors.size > own.length ? ["visual_projection.weight"] : [];
  const wrong = (Object.keys(expected) as (keyof typeof expected)[])
    .filter((key) => key !== "projectionSize" && expected[key] !== config[key])
    .map((key) => `${key} ${config[key]}, expected ${expected[key]}`);
  if (wrong.length > 0) {
    throw new InputError(
      `"${path}" is another image encoder than the config's: ${wrong.join("; ")}`,
    );
  }
  return {
    tensors: new Map(own.map(([name, tensor]) => [`image_encoder.${name}`, tensor])),
    dropped: [...dropped, ...left],
  };
}
