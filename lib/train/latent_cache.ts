/**
 * Clips as ISA-DiT trains on them: latents and geometry, computed once and kept on disk in half
 * precision, one file a shard. A shard is complete or absent.
 * @module
 */
import type { HumanClip, SynthClip } from "../data/mod.ts";
import { ConfigError } from "../errors.ts";
import {
  type BodyMesh,
  bodyPoints,
  latentPoses,
  pluckerImages,
  type SurfaceSamples,
  surfaceSamples,
} from "../geometry/mod.ts";
import { type Frames, writeSafetensors } from "../io/mod.ts";
import {
  clipConditions,
  conditionRows,
  frameConditions,
  type IsaDitConfig,
  towerImage,
} from "../models/isa_dit/mod.ts";
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
import { placesOf } from "./window_places.ts";

/** Fields of a cached clip and the type that each is stored in. */
export const CACHE_FIELDS: Readonly<Record<string, DType>> = {
  latent: "float16",
  ...storedConditions(false),
  coverage: "uint8",
};

/** Fields that older caches lack: one person, with a background. */
export const LATER_CACHE_FIELDS: Readonly<Record<string, DType>> = {
  /** How many persons' points come first; the rest is padding. */
  persons: "uint8",
  ...storedConditions(true),
  /** Which of the cameras that filmed the same scene at the same time. */
  view: "uint8",
  /** Where bodies and cameras are in each pose, see `window_places.ts`. */
  places: "float32",
};

function storedConditions(later: boolean): Record<string, DType> {
  const rows = conditionRows.filter((row) => row.stored && (row.later ?? false) === later);
  return Object.fromEntries(rows.map(({ name, stored }) => [name, stored!]));
}

/** The dimension of a field that runs over what a clip has for each of its persons, if one does. */
const personDimension = new Map(
  conditionRows.map(({ name, shape }) => [
    name as string,
    1 + shape.findIndex((size) => size === "P" || size === "R"),
  ]),
);

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

/**
 * A rendered clip as one to learn from; of the kind `mask` it has no background. Where the set has
 * inexact estimates of references, every second scene is known by them, as generation mostly knows its
 * references.
 */
export function humanClipOf(clip: SynthClip, kind: string): ViewClip {
  const { frames, mask, cameras, persons, view, seed } = clip;
  return {
    frames,
    view,
    mask,
    cameras,
    ...kind === "mask" ? {} : { background: clip.background },
    persons: persons.map(({ poses, reference, estimate, ...truth }) => ({
      poses,
      reference: {
        picture: reference,
        ...seed % 2 === 1 && estimate
          ? {
            known: { body: estimate.pose, camera: estimate.camera },
            mask: maskOf(reference, estimate.mask),
          }
          : {
            known: { body: truth.referencePose, camera: truth.referenceCamera },
            mask: maskOf(reference, truth.referenceMask),
          },
      },
    })),
  };
}

function maskOf({ width, height }: Frames, data: Uint8Array) {
  return { width, height, data };
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
      for (const [field, dtype] of Object.entries({ ...CACHE_FIELDS, ...LATER_CACHE_FIELDS })) {
        if (field === "otherReferences" && most === 1) continue;
        const size = field === "otherReferences" ? most - 1 : most * pointsPerPerson;
        const parts = encoded.map((clip) => padded(clip[field], personDimension.get(field), size));
        const all = to(cat(parts, 0), { dtype });
        records.set(field, { dtype: all.dtype, shape: [...all.shape], bytes: toBytes(all) });
      }
    })
  );
  await writeSafetensors(path, records, {});
}

/** `x` with zeros at the end of `dim`, up to `size`; 0 or none: nothing to pad. */
function padded(x: Tensor, dim: number | undefined, size: number): Tensor {
  if (!dim || x.shape[dim] === size) return x;
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
): Readonly<Record<string, Tensor>> {
  return scope(() => {
    const { cameras, persons } = clip;
    const { temporalFactor } = model;
    const encode = pictureEncoder(vae);
    const latent = encode(clip.frames);
    const [, C, T, h, w] = latent.shape;
    const tracks = persons.map(({ poses, reference }) => ({ poses, reference: reference.known }));
    const geometry = bodyPoints(body, samples, tracks, { cameras, temporalFactor });
    const references = persons.map(({ reference }) =>
      reshape(encode(reference.picture), [1, C, h, w])
    );
    const { picture } = persons[0].reference;
    const background = clip.background && encode(clip.background);
    const own = clipConditions(model, {
      positions: geometry,
      references,
      image: towerImage(picture.data, picture, model.imageEncoder),
      backgroundGiven: background !== undefined,
    });
    const plucker = pluckerImages(cameras, { w, h, temporalFactor });
    const frames = frameConditions(model, { body: geometry, plucker, background, maps: {}, h, w });
    const { K, P } = geometry;
    return {
      ...own,
      ...frames as Record<string, Tensor>,
      latent,
      persons: tensor([references.length], { dtype: "uint8" }),
      otherReferences: references.length > 1
        ? stack(references.slice(1), 1)
        : zeros([1, 0, C, h, w]),
      // What attention masks is cached for all clips, hidden points or not.
      pointInFront: tensor(geometry.inFront, { shape: [1, K, P], dtype: "uint8" }),
      view: tensor([clip.view ?? 0], { dtype: "uint8" }),
      places: tensor([placesOf(geometry.pelvises, cameras)]),
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
