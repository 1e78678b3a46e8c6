/**
 * This project's model files, checked without memory for their weights.
 * @module
 */
import { InputError } from "../../errors.ts";
import { IsaDit, parseIsaDitConfig } from "../../models/isa_dit/mod.ts";
import { SynthImageNet } from "../../models/perceptual/mod.ts";
import { named, ownConfig, type StoredState } from "../../models/state/mod.ts";
import { SynthVideoNet, synthVideoNetConfig } from "../../models/video_features/mod.ts";
import { parseVideoVaeConfig, VideoVae } from "../../models/video_vae/mod.ts";
import { Vars } from "../../nn/mod.ts";
import { all, isfinite, isFloating, item, noGrad, scope } from "../../tensor/mod.ts";

/** A model of ours, by its file. */
export interface OwnModel {
  readonly kind: "video_vae" | "isa_dit" | "synth_image_net" | "synth_video_net";
  /** Trainable values. */
  readonly parameters: number;
  readonly config: Readonly<Record<string, unknown>>;
}

const builders = {
  video_vae: {
    called: "VideoVAE",
    build: (vars: Vars, config: unknown) => new VideoVae(vars, parseVideoVaeConfig(config)).config,
  },
  isa_dit: {
    called: "ISA-DiT",
    build: (vars: Vars, config: unknown) => new IsaDit(vars, parseIsaDitConfig(config)).config,
  },
  synth_image_net: {
    called: "image network",
    build: (vars: Vars) => (new SynthImageNet(vars), {}),
  },
  synth_video_net: {
    called: "video network",
    build: (vars: Vars, config: unknown) =>
      new SynthVideoNet(vars, synthVideoNetConfig.parse(config)).config,
  },
} as const;

/** Whether a file says that it holds a model of ours. */
export function isOwnModel({ metadata }: StoredState): boolean {
  return Object.hasOwn(builders, metadata.kind ?? "");
}

/**
 * The model that a file of ours holds; every tensor is there, none beside, all of the right sizes.
 * Throws {@linkcode InputError} otherwise.
 */
export function checkOwnModel(state: StoredState): OwnModel {
  const kind = state.metadata.kind as OwnModel["kind"];
  if (!isOwnModel(state)) throw new InputError(`"${state.path}" holds no model of isa4d`);
  const { build, called } = builders[kind];
  using vars = Vars.root({ device: "meta" });
  const config = named(state.path, () => build(vars, ownConfig(state, { kind, called })));
  named(state.path, () => vars.check(state.tensors));
  return { kind, parameters: vars.countParameters(), config };
}

/** Throws {@linkcode InputError} that names the first tensor with a value that is no number. */
export function checkFinite({ path, tensors }: StoredState): void {
  for (const [name, tensor] of tensors) {
    if (!isFloating(tensor.dtype) || tensor.shape.includes(0)) continue;
    const finite = scope(() => noGrad(() => item(all(isfinite(tensor.open()))) === 1));
    if (!finite) throw new InputError(`"${path}": tensor "${name}" has values that are no numbers`);
  }
}
