/**
 * Sizes and costs of the model presets, counted on the meta device: no weight is ever made.
 * @module
 */
import {
  gridFlow,
  IsaDit,
  type IsaDitConditions,
  type IsaDitConfig,
  isaDitPresets,
  makeConditions,
} from "../models/isa_dit/mod.ts";
import { latentFrames, VideoVae, videoVaePresets } from "../models/video_vae/mod.ts";
import { Vars } from "../nn/mod.ts";
import { noGrad, onCall, type OperatorCall, scope, unsqueeze, zeros } from "../tensor/mod.ts";

/** A clip that costs are told for. */
export interface ClipSize {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

/** What `isa4d models` tells of one preset. */
export interface ModelFacts {
  readonly model: "isa_dit" | "video_vae";
  readonly preset: string;
  readonly parameters: number;
  readonly clip: ClipSize;
  /** Floating-point operations, a multiply-add as two, of matrix products, convolutions, attention. */
  readonly flops: Readonly<Record<string, number>>;
}

/** The clip that each preset is meant for; the paper's own for its model. */
const clips: Readonly<Record<string, ClipSize>> = {
  "small-prior": { width: 256, height: 256, frames: 17 },
  base: { width: 512, height: 512, frames: 65 },
  "isa4d-4b": { width: 1408, height: 768, frames: 65 },
  sd3: { width: 512, height: 512, frames: 33 },
};
const smallClip: ClipSize = { width: 128, height: 128, frames: 17 };

/** Side of a latent position and frames of a latent, in all presets. */
const [SPACE, TIME] = [8, 4];

/** Facts of all presets. */
export function allModelFacts(): ModelFacts[] {
  return [
    ...Object.entries(isaDitPresets).map(([name, config]) => isaDitFacts(name, config)),
    ...Object.keys(videoVaePresets).map((name) =>
      videoVaeFacts(name as keyof typeof videoVaePresets)
    ),
  ];
}

/** Views of which a model's step is told besides that of one. */
const VIEWS = 4;

/**
 * Parameters, and FLOPs of conditioning (once a clip) and of one step without guidance; of a model that
 * knows views, a step of several too.
 */
function isaDitFacts(preset: string, config: IsaDitConfig): ModelFacts {
  const clip = clips[preset] ?? smallClip;
  using vars = Vars.root({ device: "meta" });
  const model = new IsaDit(vars, config);
  const flops = noGrad(() =>
    scope(() => {
      const inputs = metaConditions(config, clip);
      const conditioning = countFlops(() => model.encode(inputs));
      const t = zeros([1], { device: "meta" });
      const step = countFlops(() => model.forward(inputs.background, t, conditioning.result));
      const one = { conditioning: conditioning.flops, step: step.flops };
      if (!model.views) return one;
      return { ...one, [`step of ${VIEWS} views`]: gridStep(model, clip) };
    })
  );
  return { model: "isa_dit", preset, parameters: vars.countParameters(), clip, flops };
}

function gridStep(model: IsaDit, clip: ClipSize): number {
  const inputs = metaConditions(model.config, clip, { views: VIEWS });
  const encoded = model.encode(inputs);
  const noisy = unsqueeze(inputs.background, 0);
  const t = zeros([1, VIEWS], { device: "meta" });
  return countFlops(() => gridFlow(model, noisy, t, encoded)).flops;
}

/** Parameters, and FLOPs of encoding and decoding one clip. */
function videoVaeFacts(preset: keyof typeof videoVaePresets): ModelFacts {
  const clip = clips[preset] ?? smallClip;
  using vars = Vars.root({ device: "meta" });
  const vae = new VideoVae(vars, videoVaePresets[preset]);
  const flops = noGrad(() =>
    scope(() => {
      const video = zeros([1, 3, clip.frames, clip.height, clip.width], { device: "meta" });
      const encoding = countFlops(() => vae.encode(video));
      const decoding = countFlops(() => vae.decode(encoding.result));
      return { encoding: encoding.flops, decoding: decoding.flops };
    })
  );
  return { model: "video_vae", preset, parameters: vars.countParameters(), clip, flops };
}

/** Conditions of a clip's views with so many persons, on meta; the caller owns them. */
export function metaConditions(
  config: IsaDitConfig,
  clip: ClipSize,
  { persons = 1, views = 1 }: { readonly persons?: number; readonly views?: number } = {},
): IsaDitConditions {
  const sizes = {
    ...{ B: views, T: latentFrames(clip.frames, TIME), R: persons - 1 },
    ...{ h: clip.height / SPACE, w: clip.width / SPACE, P: config.pointsPerPerson * persons },
  };
  return makeConditions(
    config,
    sizes,
    ({ shape, dtype }) => zeros([...shape], { device: "meta", dtype }),
  );
}

/** Runs `body` and adds up what its operators cost. */
function countFlops<T>(body: () => T): { result: T; flops: number } {
  let flops = 0;
  const result = onCall((call) => flops += flopsOf(call), body);
  return { result, flops };
}

/** FLOPs of one operator call; elementwise work counts nothing. */
export function flopsOf({ op, inputs, outputs }: OperatorCall): number {
  const name = op.replace(/^\w+::/, "").replace(/\..*$/, "");
  const made = product(outputs[0] ?? [0]);
  switch (name) {
    case "mm":
    case "bmm":
    case "matmul":
    case "linear":
      return 2 * made * inputs[0].at(-1)!;
    case "addmm":
    case "baddbmm":
      return 2 * made * inputs[1].at(-1)!;
    case "conv1d":
    case "conv2d":
    case "conv3d":
    case "convolution":
      return 2 * made * product(inputs[1].slice(1));
    case "attention":
    case "scaled_dot_product_attention": {
      const [query, key, value] = inputs;
      return 2 * product(query.slice(0, -1)) * key.at(-2)! * (query.at(-1)! + value.at(-1)!);
    }
    default:
      return 0;
  }
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}
