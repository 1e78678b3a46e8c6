import { writeSafetensors } from "../../io/mod.ts";
import { InputError } from "../../errors.ts";
import {
  allGiven,
  mergeLora,
  type StateRecord,
  type StateSource,
  Vars,
  zeroInit,
} from "../../nn/mod.ts";
import {
  type Device,
  type DType,
  noGrad,
  pad,
  scope,
  type Tensor,
  zero_,
} from "../../tensor/mod.ts";
import {
  type ModelAbout,
  type ModelFacts,
  modelSpec,
  named,
  openState,
  ownConfig,
  toStore,
} from "../state/mod.ts";
import { type IsaDitConfig, parseIsaDitConfig } from "./config.ts";
import { inputChannels } from "./input_channels.ts";
import { IsaDit } from "./model.ts";
import { PRIOR_MAP } from "./prior_map.ts";
import { startViews } from "./view_start.ts";

/** A model and its variables, which are the caller's to free. */
export interface LoadedIsaDit {
  /** The model. */
  readonly dit: IsaDit;
  /** Its variables, to be freed. */
  readonly vars: Vars;
}

/** A file of low-rank parts and how much of them is added. */
export interface LoraFile {
  /** A .safetensors file. */
  readonly file: string;
  /** 1 adds what was trained. */
  readonly strength: number;
}

async function addLora(vars: Vars, { file, strength }: LoraFile): Promise<void> {
  const { tensors, metadata } = await openState(file);
  const [rank, alpha] = [Number(metadata.rank), Number(metadata.alpha)];
  if (metadata.kind !== "isa_dit_lora" || !(rank > 0) || !Number.isFinite(alpha)) {
    const found = metadata.kind ? `kind "${metadata.kind}"` : "no isa4d metadata";
    throw new InputError(`"${file}" holds no LoRA of an ISA-DiT: ${found}`);
  }
  named(file, () => mergeLora(vars, { tensors, rank, alpha }, strength));
}

/** The metadata by which {@linkcode loadIsaDit} knows its files. */
function isaDitFacts(config: IsaDitConfig): Record<string, string> {
  return { format: "isa4d", kind: "isa_dit", config: JSON.stringify(config) };
}

/** What an ISA-DiT, or a LoRA of one, says of itself to other programs. */
export function isaDitSpec(
  { layers, width }: Pick<IsaDitConfig, "layers" | "width">,
  { lora = false, resolution, about }: {
    readonly lora?: boolean;
    readonly resolution?: ModelFacts["resolution"];
    readonly about?: ModelAbout;
  } = {},
): Record<string, string> {
  const model = `ISA-DiT of ${layers} layers, ${width} wide`;
  return modelSpec({
    architecture: lora ? "isa4d-isa-dit/lora" : "isa4d-isa-dit",
    title: lora ? `LoRA of an ${model}` : model,
    description: "Human video from a reference picture, posed bodies and cameras, by flow matching",
    resolution,
  }, about);
}

/** Writes all variables as `dtype`, with the configuration in the metadata, whole or not at all. */
export async function saveIsaDit(
  path: string,
  { config, vars }: { readonly config: IsaDitConfig; readonly vars: Vars },
  options: {
    readonly dtype?: DType;
    readonly maxShardBytes?: number;
    readonly about?: ModelAbout;
  } = {},
): Promise<void> {
  await writeSafetensors(path, toStore(vars.named(), options), {
    ...isaDitFacts(config),
    ...isaDitSpec(config, options),
  }, options);
}

/**
 * Copies `state` into the variables of a model of `config`. What the options `identity`, `temporal`
 * and `views`, and maps beside 3D tokens, add to a model may be missing: it keeps its first values,
 * with which the model computes what it computes without. A model that learns with the skip around the
 * prior what the weights did without begins with the prior's answer alone. Returns the paths of what
 * was missing.
 *
 * @throws InputError listing every other missing, and every unexpected and wrongly shaped key
 */
export function startFrom(
  vars: Vars,
  config: IsaDitConfig,
  state: InitialState,
): readonly string[] {
  using plain = Vars.root({ device: "meta" });
  const known = knownMaps(config, state);
  const widened = known !== undefined;
  new IsaDit(plain, {
    ...config,
    ...known,
    ...{ identity: "isa", temporal: "attention", views: "none" },
  });
  const needed = plain.named();
  const own = vars.named();
  plain.check(new Map([...state].filter(([name]) => needed.has(name) || !own.has(name))));
  const missing = widened ? loadWidened(vars, state) : vars.load(state, { strict: false }).missing;
  startViews(own, missing);
  if (config.skip === "prior" && known && !known.maps.includes(PRIOR_MAP)) silence(own);
  return missing;
}

/** What the last layer said of the whole flow says nothing of the difference to the prior's. */
function silence(named: ReadonlyMap<string, Tensor>): void {
  for (const name of ["proj_out.weight", "proj_out.bias"]) noGrad(() => zero_(named.get(name)!));
}

const INPUT = "pos_embed.proj.weight";

/**
 * The control and maps of the model that `state` is of, where `config` adds maps to its input; undefined
 * where it adds none.
 */
function knownMaps(
  config: IsaDitConfig,
  state: InitialState,
): Pick<IsaDitConfig, "control" | "maps"> | undefined {
  const channels = state.get(INPUT)?.shape[1];
  const { control, maps } = config;
  if (channels === inputChannels(config)) return undefined;
  // Added maps come last, so that what is known keeps its channels.
  const fewer = [
    ...control === "both" ? [{ control: "isa" as const, maps: [] }] : [],
    ...maps.map((_, count) => ({ control, maps: maps.slice(0, count) })),
  ];
  return fewer.find((one) => inputChannels({ ...config, ...one }) === channels);
}

/** Loads `state`; the input's channels that it does not know have no weight at first. */
function loadWidened(vars: Vars, state: InitialState): readonly string[] {
  const value = state.get(INPUT)!;
  const [, channels] = vars.named().get(INPUT)!.shape;
  using known = Vars.root();
  const weight = known.sub("pos_embed").sub("proj").parameter("weight", value.shape, zeroInit);
  known.load(new Map([[INPUT, value]]));
  return scope(() => {
    const wide = noGrad(() => pad(weight, [0, 0, 0, 0, 0, channels - value.shape[1]]));
    return vars.load(new Map([...state, [INPUT, wide]]), { strict: false }).missing;
  });
}

type InitialState = ReadonlyMap<string, Tensor | StateRecord | StateSource>;

/**
 * Reads an ISA-DiT with the configuration that its file carries, weights frozen. Free it with
 * `vars.dispose()`.
 *
 * @throws InputError when the file is something else or lacks a tensor
 */
export async function loadIsaDit(
  path: string,
  { device = "cpu", dtype = "float32", loras = [] }: {
    readonly device?: Device;
    /**
     * What linear maps and convolutions are read as, tensor by tensor; all else is float32. Default
     * "float32", whatever the file holds.
     */
    readonly dtype?: DType;
    /** Added to the weights, in order. */
    readonly loras?: readonly LoraFile[];
  } = {},
): Promise<LoadedIsaDit> {
  const state = await openState(path);
  const config = ownConfig(state, { kind: "isa_dit", called: "ISA-DiT" });
  const vars = Vars.root({ device, products: dtype, given: allGiven });
  try {
    const dit = named(path, () => new IsaDit(vars, parseIsaDitConfig(config)));
    named(path, () => vars.load(state.tensors));
    vars.setRequiresGrad(false);
    for (const lora of loras) await addLora(vars, lora);
    return { dit, vars };
  } catch (error) {
    vars.dispose();
    throw error;
  }
}
