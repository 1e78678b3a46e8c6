/**
 * Whether a configuration, a VideoVAE, first weights and clips fit each other, known before anything
 * is encoded.
 * @module
 */
import { ConfigError } from "../errors.ts";
import type { IsaDitConfig } from "../models/isa_dit/mod.ts";
import {
  latentFrames,
  spatialFactor,
  temporalFactor,
  type VideoVaeConfig,
} from "../models/video_vae/mod.ts";
import type { DitTrainConfig } from "./dit_config.ts";

/** Throws {@linkcode ConfigError}, with what would do, unless the model is one of the VideoVAE's latents. */
export function checkVaeFits(
  { model }: Pick<DitTrainConfig, "model">,
  { path, config }: { readonly path: string; readonly config: VideoVaeConfig },
): void {
  const pairs = [
    ["latentChannels", config.latentChannels],
    ["temporalFactor", temporalFactor(config)],
  ] as const;
  for (const [name, has] of pairs) {
    if (model[name] === has) continue;
    throw new ConfigError(
      `the VideoVAE "${path}" has ${name} ${has}, the model ${
        model[name]
      }: give the --vae that goes with --config, or add --set model.${name}=${has}`,
    );
  }
}

/** Throws {@linkcode ConfigError} where a way of training needs weights to begin with and has none. */
export function checkStart(
  { lora, trained, model }: Pick<DitTrainConfig, "lora" | "trained" | "model">,
  init: boolean,
): void {
  if (trained === "added" && (!init || lora)) {
    throw new ConfigError(
      'trained "added" is what the weights of --init lack: name them, and leave lora out',
    );
  }
  if (lora && !init) {
    throw new ConfigError("lora trains beside given weights: name them with --init");
  }
  if (model.identityGlobal && model.imageEncoderWeights === "clip" && !init) {
    throw new ConfigError(
      "the image encoder's weights are CLIP's, which training leaves as they are: give weights that hold them with --init (isa4d weights convert --image-encoder), or add --set model.imageEncoderWeights=own",
    );
  }
}

/** Sizes that weights have; what else a configuration says can be added to given weights. */
const sizes = [
  ...["latentChannels", "temporalFactor", "patchSize", "cameraPatch", "width", "pointWidth"],
  ...["layers", "heads", "pointHeads", "spatialMultiplier", "blockMultiplier", "pointMultiplier"],
  ...["pointsPerPerson", "pointFrequencies", "positionTableSize"],
] as readonly string[] as readonly (keyof IsaDitConfig)[];

/**
 * Throws {@linkcode ConfigError} where weights to begin with are of other sizes than the model, or their
 * image encoder would learn, or stand still, by accident.
 */
export function checkInitFits(
  { model }: Pick<DitTrainConfig, "model">,
  { path, config }: { readonly path: string; readonly config: unknown },
): void {
  if (typeof config !== "object" || config === null) return;
  const given = config as Partial<IsaDitConfig>;
  const other = sizes.filter((name) => given[name] !== undefined && given[name] !== model[name]);
  if (other.length === 0) return checkImageEncoder(model, { path, given });
  const list = other.slice(0, 3)
    .map((name) => `${name} ${given[name]} there, ${model[name]} here`).join(", ");
  throw new ConfigError(
    `the weights "${path}" are of another model: ${list}; give the --config that they were trained with, or leave --init out`,
  );
}

function checkImageEncoder(
  model: IsaDitConfig,
  { path, given }: { readonly path: string; readonly given: Partial<IsaDitConfig> },
): void {
  const { imageEncoderWeights = "own", identityGlobal = true } = given;
  if (!model.identityGlobal || !identityGlobal) return;
  if (imageEncoderWeights === model.imageEncoderWeights) return;
  throw new ConfigError(
    `the image encoder's weights are "${imageEncoderWeights}" in "${path}", "${model.imageEncoderWeights}" in the model: add --set model.imageEncoderWeights=${imageEncoderWeights}`,
  );
}

/** What clips are made of. */
export interface ClipShape {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

/** Throws {@linkcode ConfigError} where clips do not divide into the models' squares or are too short. */
export function checkClipsFit(
  { model, windows }: Pick<DitTrainConfig, "model" | "windows">,
  { name, width, height, frames }: ClipShape,
  vae: VideoVaeConfig,
): void {
  const side = spatialFactor(vae) *
    (model.camera ? Math.max(model.patchSize, model.cameraPatch) : model.patchSize);
  if (width % side !== 0 || height % side !== 0) {
    const near = (pixels: number) => Math.max(1, Math.round(pixels / side)) * side;
    throw new ConfigError(
      `the clips of "${name}" are ${width}×${height}, which does not divide into this model's squares of ${side} pixels: ${
        near(width)
      }×${near(height)} would do`,
    );
  }
  const f = model.temporalFactor;
  const longest = Math.max(...windows.map(({ latentFrames }) => latentFrames));
  const most = latentFrames(frames, f);
  if (longest <= most) return;
  throw new ConfigError(
    `the clips of "${name}" have ${frames} frames, the longest window of --config takes ${
      f * (longest - 1) + 1
    }: make longer clips, or set latentFrames of all windows to at most ${most}`,
  );
}
