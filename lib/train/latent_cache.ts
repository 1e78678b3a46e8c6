/**
 * Clips as ISA-DiT trains on them: latents and geometry, computed once and kept on disk in half
 * precision, one file a shard. A shard is complete or absent.
 * @module
 */
import type { HumanClip, SynthClip } from "../data/mod.ts";
import { ConfigError } from "../errors.ts";
import {
  bodyConditions,
  type BodyMesh,
  latentPoses,
  pluckerImages,
  type SurfaceSamples,
  surfaceSamples,
} from "../geometry/mod.ts";
import { type Frames, writeSafetensors } from "../io/mod.ts";
import { clipConditions, type IsaDitConfig, towerImage } from "../models/isa_dit/mod.ts";
import { framesToVideo, type VideoVae } from "../models/video_vae/mod.ts";
import {
  cat,
  type DType,
  noGrad,
  reshape,
  scope,
  stack,
  type Tensor,
  tensor,
  to,
  toBytes,
  zeros,
} from "../tensor/mod.ts";

/** Fields of a cached clip and the type that each is stored in. */
export const CACHE_FIELDS = {
  latent: "float16",
  background: "float16",
  reference: "float16",
  image: "float16",
  points: "float16",
  pointsNdc: "float16",
  pointFeatures: "float16",
  pointVisible: "uint8",
  pointInFront: "uint8",
  plucker: "float16",
  coverage: "uint8",
} as const satisfies Record<string, DType>;

/** Fields that older caches lack: one person, with a background. */
export const LATER_CACHE_FIELDS = {
  /** How many persons' points come first; the rest is padding. */
  persons: "uint8",
  backgroundGiven: "uint8",
  /** Reference latents of the persons after the first. */
  otherReferences: "float16",
  /** Which of the cameras that filmed the same scene at the same time. */
  view: "uint8",
  /** World to the first frame's camera: rotation, row by row, and translation in metres. */
  firstCamera: "float32",
} as const satisfies Record<string, DType>;

/** Name of a cached field. */
export type CacheField = keyof typeof CACHE_FIELDS;

/** Name of a field of {@linkcode LATER_CACHE_FIELDS}. */
export type LaterCacheField = keyof typeof LATER_CACHE_FIELDS;

/** Dimension that runs over the points of all persons; shards pad it to their largest clip's. */
const POINT_DIMENSION: Partial<Record<CacheField | LaterCacheField, number>> = {
  points: 2,
  pointsNdc: 2,
  pointFeatures: 1,
  pointVisible: 1,
  pointInFront: 2,
  otherReferences: 1,
};

/** What {@linkcode cacheShard} needs besides the clips. */
export interface CacheContext {
  readonly body: BodyMesh;
  readonly vae: VideoVae;
  readonly model: IsaDitConfig;
}

/** A clip that may be one of several views of a scene. */
export interface ViewClip extends HumanClip {
  /** From 0. */
  readonly view?: number;
}

/** A rendered clip as one to learn from; of the kind `mask` it has no background. */
export function humanClipOf(clip: SynthClip, kind: string): ViewClip {
  const { frames, mask, cameras, persons, view } = clip;
  return {
    frames,
    view,
    mask,
    cameras,
    ...kind === "mask" ? {} : { background: clip.background },
    persons: persons.map(({ poses, reference, referencePose, referenceCamera }) => ({
      poses,
      reference: { picture: reference, known: { body: referencePose, camera: referenceCamera } },
    })),
  };
}

/** Encodes `clips` and writes them to `path`. */
export async function cacheShard(
  path: string,
  clips: readonly ViewClip[],
  context: CacheContext,
): Promise<void> {
  const { pointsPerPerson, maxPersons } = context.model;
  const samples = surfaceSamples(context.body, pointsPerPerson);
  const most = Math.max(...clips.map(({ persons }) => persons.length));
  if (most > maxPersons) {
    throw new ConfigError(
      `a clip has ${most} persons, the model takes ${maxPersons}; set model.maxPersons=${most}`,
    );
  }
  const records = new Map<string, { dtype: DType; shape: number[]; bytes: Uint8Array }>();
  scope(() =>
    noGrad(() => {
      const encoded = clips.map((clip) => encodeClip(clip, samples, context));
      const fields = { ...CACHE_FIELDS, ...most > 1 ? LATER_CACHE_FIELDS : SINGLE_FIELDS };
      for (const [name, dtype] of Object.entries(fields)) {
        const field = name as CacheField | LaterCacheField;
        const size = field === "otherReferences" ? most - 1 : most * pointsPerPerson;
        const parts = encoded.map((clip) => padded(clip[field], POINT_DIMENSION[field], size));
        const all = to(cat(parts, 0), { dtype });
        records.set(field, { dtype: all.dtype, shape: [...all.shape], bytes: toBytes(all) });
      }
    })
  );
  await writeSafetensors(path, records, {});
}

const SINGLE_FIELDS = {
  persons: LATER_CACHE_FIELDS.persons,
  backgroundGiven: LATER_CACHE_FIELDS.backgroundGiven,
  view: LATER_CACHE_FIELDS.view,
  firstCamera: LATER_CACHE_FIELDS.firstCamera,
};

/** `x` with zeros at the end of `dim`, up to `size`. */
function padded(x: Tensor, dim: number | undefined, size: number): Tensor {
  if (dim === undefined || x.shape[dim] === size) return x;
  const rest = x.shape.map((side, at) => at === dim ? size - side : side);
  return cat([x, zeros(rest, { dtype: x.dtype })], dim);
}

/** Encodes pictures, each once: all persons may stand in the same one. Works within one scope. */
function pictureEncoder(vae: VideoVae): (frames: Frames) => Tensor {
  const { device } = vae.vars;
  const known = new Map<Frames, Tensor>();
  return (frames) => {
    const before = known.get(frames);
    if (before) return before;
    const latent = to(vae.encode(framesToVideo(frames, { device })), { device: "cpu" });
    known.set(frames, latent);
    return latent;
  };
}

/** Cached fields of one clip, each with a leading 1. */
function encodeClip(
  clip: ViewClip,
  samples: SurfaceSamples,
  { body, vae, model }: CacheContext,
): Record<CacheField | LaterCacheField, Tensor> {
  return scope(() => {
    const { cameras, persons } = clip;
    const { temporalFactor } = model;
    const encode = pictureEncoder(vae);
    const latent = encode(clip.frames);
    const [, C, T, h, w] = latent.shape;
    const tracks = persons.map(({ poses, reference }) => ({ poses, reference: reference.known }));
    const geometry = bodyConditions(body, samples, tracks, { cameras, temporalFactor });
    const references = persons.map(({ reference }) =>
      reshape(encode(reference.picture), [1, C, h, w])
    );
    const { picture } = persons[0].reference;
    // What attention masks is cached for all clips, hidden points or not.
    const { pointInFront: _, ...conditions } = clipConditions(model, {
      body: geometry,
      plucker: pluckerImages(cameras, { w, h, temporalFactor }),
      references,
      background: clip.background && encode(clip.background),
      image: towerImage(picture.data, picture, model.imageEncoder),
      ...{ T, h, w },
    });
    const { K, P } = geometry;
    const [{ rotation, translation }] = cameras;
    return {
      ...conditions,
      latent,
      persons: tensor([references.length], { dtype: "uint8" }),
      otherReferences: references.length > 1
        ? stack(references.slice(1), 1)
        : zeros([1, 0, C, h, w]),
      pointInFront: tensor(geometry.inFront, { shape: [1, K, P], dtype: "uint8" }),
      view: tensor([clip.view ?? 0], { dtype: "uint8" }),
      firstCamera: tensor([[...rotation, ...translation]]),
      coverage: clip.mask
        ? coverage(clip.mask, { T, h, w, f: temporalFactor })
        : zeros([1, 1, T, h, w], { dtype: "uint8" }),
    };
  });
}

/**
 * Share of each latent position that the mask covers over the frames it stands for, in 0..255:
 * mask [F·H·W] → [1, 1, T, h, w].
 */
function coverage(
  mask: Uint8Array,
  { T, h, w, f }: {
    readonly T: number;
    readonly h: number;
    readonly w: number;
    readonly f: number;
  },
): Tensor {
  const side = 8;
  const [H, W] = [h * side, w * side];
  const order = latentPoses(mask.length / (H * W), f);
  const out = new Uint8Array(T * h * w);
  for (let cell = 0; cell < out.length; cell++) {
    const [t, y, x] = [Math.floor(cell / (h * w)), Math.floor(cell / w) % h, cell % w];
    let sum = 0;
    for (let k = t * f; k < (t + 1) * f; k++) {
      for (let i = 0; i < side * side; i++) {
        const row = y * side + Math.floor(i / side);
        sum += mask[(order[k] * H + row) * W + x * side + i % side];
      }
    }
    out[cell] = Math.round(sum / (f * side * side));
  }
  return tensor(out, { shape: [1, 1, T, h, w], dtype: "uint8" });
}
