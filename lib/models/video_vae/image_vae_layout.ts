// C channels of a level, L levels

/**
 * Image VAEs as others keep them on disk: diffusers' AutoencoderKL, and the names of latent diffusion
 * that SD3's and Flux's single files use (`first_stage_model.encoder.down.0.block.0…`).
 * @module
 */
import { InputError } from "../../errors.ts";
import { reshapedTensor, someNames, type StateTensor } from "../state/mod.ts";
import { parseVideoVaeConfig, type VideoVaeConfig } from "./config.ts";

type Tensors = ReadonlyMap<string, StateTensor>;

/** An image VAE by diffusers' names, whatever the file calls its tensors. */
export interface ImageVaeState {
  /** Which names the file uses. */
  readonly layout: "diffusers" | "single file";
  /** Tensors below the VAE's own prefix. */
  readonly tensors: Tensors;
}

const ANCHOR = "encoder.conv_in.weight";

/**
 * Finds the image VAE in a file, by its keys; what lies beside it (SD3's single file holds the
 * transformer too) is left out. Undefined where there is none.
 */
export function findImageVae(tensors: Tensors): ImageVaeState | undefined {
  // The shortest: other parts of a file may have nets of the same names deeper inside.
  const prefix = [...tensors.keys()].filter((name) => `.${name}`.endsWith(`.${ANCHOR}`))
    .map((name) => name.slice(0, -ANCHOR.length)).sort((a, b) => a.length - b.length).at(0);
  if (prefix === undefined) return undefined;
  const below = [...tensors].filter(([name]) => name.startsWith(prefix))
    .map(([name, tensor]) => [name.slice(prefix.length), tensor] as const)
    .filter(([name]) => /^(encoder|decoder|quant_conv|post_quant_conv)\./.test(name));
  const single = below.some(([name]) => /^(en|de)coder\.(down|up|mid)\./.test(name));
  if (!single) return { layout: "diffusers", tensors: new Map(below) };
  const levels = 1 +
    Math.max(...below.map(([name]) => Number(/\.up\.(\d+)\./.exec(name)?.[1] ?? 0)));
  const renamed = below.map(([name, tensor]) => {
    const ours = diffusersName(name, levels);
    return [ours, isPointwise(ours, tensor) ? asMatrix(tensor) : tensor] as const;
  });
  return { layout: "single file", tensors: new Map(renamed) };
}

/** Single files keep the attention's projections as convolutions of 1×1. */
function isPointwise(name: string, { shape }: StateTensor): boolean {
  return /\.attentions\.\d+\.to_\w+(\.0)?\.weight$/.test(name) && shape.length === 4;
}

function asMatrix(tensor: StateTensor): StateTensor {
  const [O, I, ...kernel] = tensor.shape;
  return kernel.join() === "1,1" ? reshapedTensor(tensor, [O, I]) : tensor;
}

const attentionNames: Readonly<Record<string, string>> = {
  norm: "group_norm",
  q: "to_q",
  k: "to_k",
  v: "to_v",
  proj_out: "to_out.0",
};

/** A name of latent diffusion → diffusers' name. Decoder levels count the other way round. */
function diffusersName(name: string, levels: number): string {
  return name
    .replace(/\.down\.(\d+)\./, ".down_blocks.$1.")
    .replace(/\.up\.(\d+)\./, (_, level) => `.up_blocks.${levels - 1 - Number(level)}.`)
    .replace(/(_blocks\.\d+)\.block\.(\d+)\./, "$1.resnets.$2.")
    .replace(/(_blocks\.\d+)\.(down|up)sample\./, "$1.$2samplers.0.")
    .replace(/\.mid\.block_(\d)\./, (_, block) => `.mid_block.resnets.${Number(block) - 1}.`)
    .replace(
      /\.mid\.attn_1\.(norm|q|k|v|proj_out)\./,
      (_, part) => `.mid_block.attentions.0.${attentionNames[part]}.`,
    )
    .replace(/\.nin_shortcut\./, ".conv_shortcut.")
    .replace(/coder\.norm_out\./, "coder.conv_norm_out.");
}

/** What {@linkcode imageVaeConfig} is told besides the tensors. */
export interface ImageVaeOptions {
  /** Diffusers' `config.json`, for what no tensor shows. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /**
   * Temporal size of the convolutions: 3, of which training can make use; 1 computes the same before
   * training, at a third of the cost. Default 3.
   */
  readonly timeKernel?: 1 | 3;
}

/** Where SD3's latents lie; with 16 channels and no word from the file these are taken. */
const SD3_LATENTS = { latentShift: 0.0609, latentScale: 1.5305 } as const;

/**
 * The VideoVAE that an image VAE inflates to: sizes from its tensors, f_t = 4 from the last two stages
 * of the encoder.
 *
 * @throws InputError for a VAE of another class; the message says in what it differs
 */
export function imageVaeConfig(
  { tensors }: ImageVaeState,
  { facts = {}, timeKernel = 3 }: ImageVaeOptions = {},
): VideoVaeConfig {
  const foreign = [...tensors.keys()].filter((name) => /^(post_)?quant_conv\./.test(name));
  if (foreign.length > 0) {
    throw new InputError(
      `an image VAE with ${someNames(foreign)}, as before SD3: expected one without quant_conv`,
    );
  }
  const sizeOf = (name: string, dimension: number): number => {
    const size = tensors.get(name)?.shape.at(dimension);
    if (size === undefined) throw new InputError(`an image VAE without ${name}`);
    return size;
  };
  const L = countOf(tensors, (i) => `encoder.down_blocks.${i}.resnets.0.conv1.weight`);
  if (L < 3) {
    throw new InputError(`an image VAE of ${L} levels: inflating to f_t = 4 takes at least 3`);
  }
  const level = (i: number) => `encoder.down_blocks.${i}.resnets`;
  const channels = Array.from({ length: L }, (_, i) => sizeOf(`${level(i)}.0.conv1.weight`, 0));
  const latentChannels = sizeOf("decoder.conv_in.weight", 1);
  const number = (key: string): number | undefined =>
    typeof facts[key] === "number" ? facts[key] : undefined;
  const own = latentChannels === 16 ? SD3_LATENTS : { latentShift: 0, latentScale: 1 };
  return parseVideoVaeConfig({
    latentChannels,
    channels,
    stages: Array.from({ length: L - 1 }, (_, i) => ({ space: 2, time: i < L - 3 ? 1 : 2 })),
    blocksPerLevel: countOf(tensors, (i) => `${level(0)}.${i}.conv1.weight`),
    timeKernels: channels.map(() => timeKernel),
    middleTimeKernel: timeKernel,
    normGroups: number("norm_num_groups") ?? 32,
    middleAttention: tensors.has("encoder.mid_block.attentions.0.to_q.weight"),
    latentShift: number("shift_factor") ?? own.latentShift,
    latentScale: number("scaling_factor") ?? own.latentScale,
  });
}

function countOf(tensors: Tensors, name: (index: number) => string): number {
  let count = 0;
  while (tensors.has(name(count))) count++;
  return count;
}
