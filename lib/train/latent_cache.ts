/**
 * Clips as ISA-DiT trains on them: latents and geometry, computed once and kept on disk in half
 * precision, one file a shard. A shard is complete or absent.
 * @module
 */
import type { SynthClip } from "../data/mod.ts";
import {
  bodyConditions,
  type BodyMesh,
  latentPoses,
  pluckerImages,
  type SurfaceSamples,
  surfaceSamples,
} from "../geometry/mod.ts";
import { writeSafetensors } from "../io/mod.ts";
import { clipConditions, type IsaDitConfig, towerImage } from "../models/isa_dit/mod.ts";
import { framesToVideo, type VideoVae } from "../models/video_vae/mod.ts";
import {
  cat,
  type DType,
  noGrad,
  reshape,
  scope,
  type Tensor,
  tensor,
  to,
  toBytes,
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

/** Name of a cached field. */
export type CacheField = keyof typeof CACHE_FIELDS;

/** What {@linkcode cacheShard} needs besides the clips. */
export interface CacheContext {
  readonly body: BodyMesh;
  readonly vae: VideoVae;
  readonly model: IsaDitConfig;
}

/** Encodes `clips` and writes them to `path`. */
export async function cacheShard(
  path: string,
  clips: readonly SynthClip[],
  context: CacheContext,
): Promise<void> {
  const samples = surfaceSamples(context.body, context.model.pointsPerPerson);
  const records = new Map<string, { dtype: DType; shape: number[]; bytes: Uint8Array }>();
  scope(() =>
    noGrad(() => {
      const encoded = clips.map((clip) => encodeClip(clip, samples, context));
      for (const field of Object.keys(CACHE_FIELDS) as CacheField[]) {
        const all = to(cat(encoded.map((clip) => clip[field]), 0), { dtype: CACHE_FIELDS[field] });
        records.set(field, { dtype: all.dtype, shape: [...all.shape], bytes: toBytes(all) });
      }
    })
  );
  await writeSafetensors(path, records, {});
}

/** Cached fields of one clip, each with a leading 1. */
function encodeClip(
  clip: SynthClip,
  samples: SurfaceSamples,
  { body, vae, model }: CacheContext,
): Record<CacheField, Tensor> {
  return scope(() => {
    const latent = vae.encode(framesToVideo(clip.frames));
    const background = vae.encode(framesToVideo(clip.background));
    const reference = vae.encode(framesToVideo(clip.reference));
    const [, C, T, h, w] = latent.shape;
    const geometry = bodyConditions(body, samples, [{
      poses: clip.poses,
      reference: { body: clip.referencePose, camera: clip.referenceCamera },
    }], { cameras: clip.cameras, temporalFactor: model.temporalFactor });
    const conditions = clipConditions(model, {
      body: geometry,
      plucker: pluckerImages(clip.cameras, { w, h, temporalFactor: model.temporalFactor }),
      references: [reshape(reference, [1, C, h, w])],
      background,
      image: towerImage(clip.reference.data, clip.reference, model.imageEncoder),
      T,
      h,
      w,
    });
    return {
      latent,
      background,
      reference: conditions.reference,
      image: conditions.image,
      points: conditions.points,
      pointsNdc: conditions.pointsNdc,
      pointFeatures: conditions.pointFeatures,
      pointVisible: conditions.pointVisible,
      pointInFront: tensor(geometry.inFront, {
        shape: [1, geometry.K, geometry.P],
        dtype: "uint8",
      }),
      plucker: conditions.plucker,
      coverage: coverage(clip.mask, { T, h, w, f: model.temporalFactor }),
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
