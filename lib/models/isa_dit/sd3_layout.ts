// D width, L layers

/**
 * SD3's transformer as others keep it on disk: diffusers' SD3Transformer2DModel, and the names of SD3's
 * single file (`model.diffusion_model.joint_blocks.0…`). ISA-DiT takes its image stream.
 * @module
 */
import { InputError } from "../../errors.ts";
import { add, cat, chunk, linear, silu, squeeze, to, unsqueeze, zeros } from "../../tensor/mod.ts";
import { computedTensor, partOf, someNames, type StateTensor } from "../state/mod.ts";
import type { IsaDitConfig } from "./config.ts";
import { inputChannels } from "./input_channels.ts";

type Tensors = ReadonlyMap<string, StateTensor>;

/** SD3's transformer by diffusers' names, whatever the file calls its tensors. */
export interface Sd3State {
  /** Which names the file uses. */
  readonly layout: "diffusers" | "single file";
  /** Tensors below the transformer's own prefix. */
  readonly tensors: Tensors;
}

/** Finds SD3's transformer in a file, by its keys; undefined where there is none. */
export function findSd3(tensors: Tensors): Sd3State | undefined {
  const below = (anchor: string): Map<string, StateTensor> | undefined => {
    const found = [...tensors.keys()].find((name) => `.${name}`.endsWith(`.${anchor}`));
    if (found === undefined) return undefined;
    const prefix = found.slice(0, -anchor.length);
    return new Map(
      [...tensors].filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    );
  };
  const diffusers = below("transformer_blocks.0.norm1_context.linear.weight");
  if (diffusers) return { layout: "diffusers", tensors: diffusers };
  const single = below("joint_blocks.0.context_block.adaLN_modulation.1.weight");
  if (!single) return undefined;
  const layers = countLayers(single, "joint_blocks");
  const renamed = [...single].flatMap(([name, tensor]) => diffusersTensors(name, tensor, layers));
  return { layout: "single file", tensors: new Map(renamed) };
}

function countLayers(tensors: Tensors, family: string): number {
  const pattern = new RegExp(`^${family}\\.(\\d+)\\.`);
  return 1 +
    Math.max(-1, ...[...tensors.keys()].map((name) => Number(pattern.exec(name)?.[1] ?? -1)));
}

const plainNames: readonly (readonly [RegExp, string])[] = [
  [/^pos_embed$/, "pos_embed.pos_embed"],
  [/^x_embedder\.proj\./, "pos_embed.proj."],
  [/^t_embedder\.mlp\.0\./, "time_text_embed.timestep_embedder.linear_1."],
  [/^t_embedder\.mlp\.2\./, "time_text_embed.timestep_embedder.linear_2."],
  [/^y_embedder\.mlp\.0\./, "time_text_embed.text_embedder.linear_1."],
  [/^y_embedder\.mlp\.2\./, "time_text_embed.text_embedder.linear_2."],
  [/^final_layer\.linear\./, "proj_out."],
  [/^final_layer\.adaLN_modulation\.1\./, "norm_out.linear."],
  [/^(joint_blocks\.\d+\.)x_block\.(attn2?)\.proj\./, "$1$2.to_out.0."],
  [/^(joint_blocks\.\d+\.)x_block\.(attn2?)\.ln_([qk])\./, "$1$2.norm_$3."],
  [/^(joint_blocks\.\d+\.)x_block\.adaLN_modulation\.1\./, "$1norm1.linear."],
  [/^(joint_blocks\.\d+\.)x_block\.mlp\.fc1\./, "$1ff.net.0.proj."],
  [/^(joint_blocks\.\d+\.)x_block\.mlp\.fc2\./, "$1ff.net.2."],
  [/^(joint_blocks\.\d+\.)context_block\.attn\.proj\./, "$1attn.to_add_out."],
  [/^(joint_blocks\.\d+\.)context_block\.attn\.ln_([qk])\./, "$1attn.norm_added_$2."],
  [/^(joint_blocks\.\d+\.)context_block\.adaLN_modulation\.1\./, "$1norm1_context.linear."],
  [/^(joint_blocks\.\d+\.)context_block\.mlp\.fc1\./, "$1ff_context.net.0.proj."],
  [/^(joint_blocks\.\d+\.)context_block\.mlp\.fc2\./, "$1ff_context.net.2."],
];

/** A tensor of the single file → what diffusers makes of it. */
function diffusersTensors(
  name: string,
  tensor: StateTensor,
  layers: number,
): [string, StateTensor][] {
  const qkv = /^joint_blocks\.(\d+)\.(x|context)_block\.(attn2?)\.qkv\.(\w+)$/.exec(name);
  if (qkv) {
    const [, layer, stream, attn, part] = qkv;
    return ["q", "k", "v"].map((letter, index) => {
      const projection = stream === "x" ? `to_${letter}` : `add_${letter}_proj`;
      const ours = `transformer_blocks.${layer}.${attn}.${projection}.${part}`;
      return [ours, partOf(tensor, { index, count: 3 })];
    });
  }
  const found = plainNames.find(([pattern]) => pattern.test(name));
  const ours = found ? name.replace(found[0], found[1]) : name;
  // Where diffusers has scale before shift, the single file has shift before scale.
  const final = name.startsWith("final_layer.adaLN") ||
    name.startsWith(`joint_blocks.${layers - 1}.context_block.adaLN`);
  return [[
    ours.replace(/^joint_blocks/, "transformer_blocks"),
    final ? halvesSwapped(tensor) : tensor,
  ]];
}

function halvesSwapped(tensor: StateTensor): StateTensor {
  return computedTensor(tensor, () => cat(chunk(tensor.open(), 2, 0).reverse(), 0));
}

/** Parts of SD3 that only text passes through. */
const textStream =
  /^context_embedder\.|\.attn\.(add_[qkv]_proj|to_add_out|norm_added_[qkv])\.|\.(norm1|ff)_context\./;

/** The image stream as ISA-DiT's own tensors. */
export interface Sd3ImageStream {
  readonly tensors: Map<string, StateTensor>;
  /** Names of the text stream, which ISA-DiT does not have. */
  readonly dropped: readonly string[];
}

/**
 * The image stream of SD3 by ISA-DiT's names. Without text, SD3's pooled text embedding is a constant
 * beside the time embedding; it goes into that one's bias. The patch embedding gets zero columns for
 * the channels that SD3 does not have.
 *
 * @throws InputError for SD3.5 and for sizes that are not the configuration's
 */
export function sd3ImageStream({ tensors }: Sd3State, config: IsaDitConfig): Sd3ImageStream {
  checkSizes(tensors, config);
  const names = [...tensors.keys()];
  const newer = names.filter((name) => /\.attn2\.|\.attn\.norm_[qk]\./.test(name));
  if (newer.length > 0) {
    throw new InputError(`a transformer of SD3.5 (${someNames(newer)}), expected SD3's`);
  }
  const dropped = names.filter((name) => textStream.test(name));
  const text = /^time_text_embed\.text_embedder\./;
  const stream = new Map(
    [...tensors].filter(([name]) => !textStream.test(name) && !text.test(name)),
  );
  const bias = "time_text_embed.timestep_embedder.linear_2.bias";
  stream.set(bias, withoutText(tensors, bias));
  stream.set("pos_embed.proj.weight", widened(tensors.get("pos_embed.proj.weight")!, config));
  return { tensors: stream, dropped };
}

/** bias + text_embedder(0). */
function withoutText(tensors: Tensors, bias: string): StateTensor {
  const text = "time_text_embed.text_embedder";
  const need = (name: string): StateTensor => {
    const tensor = tensors.get(name);
    if (!tensor) throw new InputError(`SD3's transformer without ${name}`);
    return tensor;
  };
  const own = need(bias);
  const [inner, weight, outer] = [
    need(`${text}.linear_1.bias`),
    need(`${text}.linear_2.weight`),
    need(`${text}.linear_2.bias`),
  ];
  need(`${text}.linear_1.weight`);
  return computedTensor({ dtype: "float32", shape: own.shape }, () => {
    const float = (tensor: StateTensor) => to(tensor.open(), { dtype: "float32" });
    const hidden = unsqueeze(silu(float(inner)), 0);
    return add(float(own), squeeze(linear(hidden, float(weight), { bias: float(outer) }), 0));
  });
}

function widened(patch: StateTensor, config: IsaDitConfig): StateTensor {
  const [D, C, ...kernel] = patch.shape;
  const rest = inputChannels(config) - C;
  const shape = [D, C + rest, ...kernel];
  return computedTensor({ dtype: patch.dtype, shape }, () => {
    return cat([patch.open(), zeros([D, rest, ...kernel], { dtype: patch.dtype })], 1);
  });
}

function checkSizes(tensors: Tensors, config: IsaDitConfig): void {
  const [D, C, p] = tensors.get("pos_embed.proj.weight")?.shape ?? [];
  const table = tensors.get("pos_embed.pos_embed")?.shape[1];
  if (D === undefined || table === undefined) {
    throw new InputError("SD3's transformer without pos_embed.proj.weight or pos_embed.pos_embed");
  }
  const wrong = ([
    ["width", D],
    ["latentChannels", C],
    ["patchSize", p],
    ["positionTableSize", Math.sqrt(table)],
    ["layers", countLayers(tensors, "transformer_blocks")],
  ] as const).filter(([name, size]) => config[name] !== size);
  if (wrong.length === 0) return;
  const list = (size: (name: typeof wrong[number]) => number) =>
    wrong.map((entry) => `${entry[0]} ${size(entry)}`).join(", ");
  throw new InputError(
    `SD3's transformer has ${list(([, size]) => size)}; the config has ${
      list(([name]) => config[name])
    }`,
  );
}
