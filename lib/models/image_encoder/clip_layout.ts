/**
 * CLIP as transformers keeps it on disk: CLIPVisionModel, CLIPVisionModelWithProjection, or a whole
 * CLIPModel, whose text half is left out.
 * @module
 */
import { InputError } from "../../errors.ts";
import type { StateTensor } from "../state/mod.ts";
import { type ClipVisionConfig, parseClipVisionConfig } from "./config.ts";

type Tensors = ReadonlyMap<string, StateTensor>;

/** A vision tower by the names of `ClipVisionTower`. */
export interface ClipState {
  readonly tensors: Tensors;
  /** Tensors of the file that no vision tower has. */
  readonly dropped: readonly string[];
}

const ANCHOR = "embeddings.class_embedding";
const PROJECTION = "visual_projection.weight";

/** Finds a CLIP vision tower in a file, by its keys; undefined where there is none. */
export function findClipVision(tensors: Tensors): ClipState | undefined {
  const found = [...tensors.keys()].find((name) => `.${name}`.endsWith(`.${ANCHOR}`));
  if (found === undefined) return undefined;
  const prefix = found.slice(0, -ANCHOR.length);
  const model = prefix.replace(/(^|\.)vision_model\.$/, "$1");
  const own = new Map<string, StateTensor>();
  const dropped: string[] = [];
  for (const [name, tensor] of tensors) {
    const inside = name.startsWith(prefix) && !isOther(name.slice(model.length));
    if (name === model + PROJECTION) own.set(PROJECTION, tensor);
    else if (inside) own.set(ownName(name.slice(prefix.length)), tensor);
    else dropped.push(name);
  }
  return { tensors: own, dropped };
}

/** The text half, and a table of indices that older files hold. */
function isOther(name: string): boolean {
  return /^(text_model|text_projection|logit_scale)\b|(^|\.)embeddings\.position_ids$/.test(name);
}

function ownName(name: string): string {
  return name.replace(/\.self_attn\.([qkv])_proj\./, ".self_attn.to_$1.")
    .replace(".self_attn.out_proj.", ".self_attn.to_out.0.");
}

/** Heads of CLIP's B and L towers are 64 wide; H and G say theirs in `config.json`. */
const HEAD_WIDTH = 64;

/**
 * A tower's configuration from its tensors; `facts` is transformers' `config.json`, for what no tensor
 * shows: heads and activation. Throws {@linkcode InputError} where a tensor is missing.
 */
export function clipVisionConfigOf(
  { tensors }: ClipState,
  facts: Readonly<Record<string, unknown>> = {},
): ClipVisionConfig {
  const inner = facts.vision_config;
  const said = typeof inner === "object" && inner !== null
    ? inner as Readonly<Record<string, unknown>>
    : facts;
  const shape = (name: string): readonly number[] => {
    const tensor = tensors.get(name);
    if (!tensor) throw new InputError(`a CLIP vision tower without ${name}`);
    return tensor.shape;
  };
  const [hiddenSize, , patchSize] = shape("embeddings.patch_embedding.weight");
  const [tokens] = shape("embeddings.position_embedding.weight");
  const eps = said.layer_norm_eps ?? 1e-5;
  if (eps !== 1e-5) throw new InputError(`layer_norm_eps is ${eps}, expected 1e-5 as CLIP's`);
  let layers = 0;
  while (tensors.has(`encoder.layers.${layers}.mlp.fc1.weight`)) layers++;
  return parseClipVisionConfig({
    imageSize: Math.round(Math.sqrt(tokens - 1)) * patchSize,
    patchSize,
    hiddenSize,
    intermediateSize: shape("encoder.layers.0.mlp.fc1.weight")[0],
    layers,
    heads: said.num_attention_heads ?? Math.max(1, Math.round(hiddenSize / HEAD_WIDTH)),
    activation: said.hidden_act ?? "quick_gelu",
    projectionSize: tensors.get(PROJECTION)?.shape[0],
  });
}
