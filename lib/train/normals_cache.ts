/**
 * Latents of normal maps, for models that are controlled by these: each shard's lie in a file beside
 * it, so that latents which plain models were trained on stay as they are.
 * @module
 */
import { basename, dirname, join } from "node:path";
import { InputError } from "../errors.ts";
import { type BodyMesh, type CameraPath, normalMaps, type PersonTrack } from "../geometry/mod.ts";
import { SafetensorsFile, writeSafetensors } from "../io/mod.ts";
import { framesToVideo, type VideoVae } from "../models/video_vae/mod.ts";
import { cat, noGrad, scope, type Tensor, tensorFromFile, to, toBytes } from "../tensor/mod.ts";

/** The only field of a file, [clips, C, T, h, w]. */
const FIELD = "normals";

/** What of a clip its normal maps show. */
export interface NormalsClip {
  readonly persons: readonly Pick<PersonTrack, "poses">[];
  /** One a frame. */
  readonly cameras: CameraPath;
}

/** Where the normal maps' latents of a shard of cached clips lie. */
export function normalsPath(shard: string): string {
  return join(dirname(shard), basename(shard).replace(/^shard-/, "normals-"));
}

/** How many clips a shard of cached clips holds. */
export async function clipsOfShard(path: string): Promise<number> {
  using file = await SafetensorsFile.open(path);
  const latent = file.entries.get("latent");
  if (!latent) throw new InputError(`"${path}" is no latent shard: it lacks "latent"`);
  return latent.shape[0];
}

/** Draws the bodies of `clips`, encodes the pictures and writes them to `path`. */
export async function cacheNormals(
  path: string,
  clips: readonly NormalsClip[],
  { body, vae }: { readonly body: BodyMesh; readonly vae: VideoVae },
): Promise<void> {
  const record = scope(() =>
    noGrad(() => {
      const latents = clips.map((clip) => encodeMaps(clip, { body, vae }));
      const all = to(cat(latents, 0), { dtype: "float16" });
      return { dtype: all.dtype, shape: [...all.shape], bytes: toBytes(all) };
    })
  );
  await writeSafetensors(path, new Map([[FIELD, record]]), {});
}

function encodeMaps(
  { persons, cameras }: NormalsClip,
  { body, vae }: { readonly body: BodyMesh; readonly vae: VideoVae },
): Tensor {
  return scope(() => {
    const [{ width, height }] = cameras;
    const data = new Uint8Array(cameras.length * width * height * 3);
    let at = 0;
    for (const map of normalMaps(body, persons, cameras)) {
      data.set(map, at);
      at += map.length;
    }
    const frames = { width, height, count: cameras.length, fps: 1, data };
    return to(vae.encode(framesToVideo(frames, { device: vae.vars.device })), { device: "cpu" });
  });
}

/**
 * Maps the latents that belong to a shard whose clips have latents of `shape`.
 *
 * @throws {InputError} where there are none, or they are of other clips
 */
export async function openNormals(shard: string, shape: readonly number[]): Promise<Tensor> {
  const path = normalsPath(shard);
  using file = await SafetensorsFile.open(path);
  const entry = file.entries.get(FIELD);
  if (!entry) throw new InputError(`"${path}" holds no latents of normal maps`);
  if (entry.shape.join() !== shape.join()) {
    throw new InputError(
      `"${path}" has normal maps of shape ${entry.shape}, the latents beside it are ${shape}; remove it, so that it is made anew`,
    );
  }
  return tensorFromFile(path, { offset: entry.begin, shape: entry.shape, dtype: entry.dtype });
}
