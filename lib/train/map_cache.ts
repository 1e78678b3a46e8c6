/**
 * Latents of maps for training: each shard's lie in a file beside it, one for each map, so that latents
 * which other models were trained on stay as they are.
 * @module
 */
import { basename, dirname, join } from "node:path";
import type { HumanClip } from "../data/mod.ts";
import { InputError } from "../errors.ts";
import type { BodyMesh } from "../geometry/mod.ts";
import { SafetensorsFile, writeSafetensors } from "../io/mod.ts";
import {
  encodeMap,
  type IsaDitConfig,
  type MapClip,
  type MapCondition,
  mapsOf,
} from "../models/isa_dit/mod.ts";
import { framesToVideo, type VideoVae } from "../models/video_vae/mod.ts";
import { cat, noGrad, scope, type Tensor, tensorFromFile, to, toBytes } from "../tensor/mod.ts";

/** A map and its name, which is also its file's only field, [clips, channels, T, h, w]. */
type NamedMap = MapCondition & { readonly name: string };

/** What the maps of clips are made with. */
export interface MapContext {
  readonly body: BodyMesh;
  readonly vae: VideoVae;
  readonly model: IsaDitConfig;
}

/** Where a map's latents of a shard of cached clips lie. */
function mapPath(shard: string, name: string): string {
  return join(dirname(shard), basename(shard).replace(/^shard-/, `${name}-`));
}

/**
 * Makes what the model reads and is not there beside a shard of cached clips; says whether anything
 * was made.
 */
export async function cacheMaps(
  shard: string,
  context: MapContext,
  read: (index: number) => Promise<HumanClip>,
): Promise<boolean> {
  const missing: NamedMap[] = [];
  for (const map of mapsOf(context.model)) {
    if (!await exists(mapPath(shard, map.name))) missing.push(map);
  }
  if (missing.length === 0) return false;
  const clips = { count: await clipsOfShard(shard), read };
  for (const map of missing) await cacheMap(mapPath(shard, map.name), map, context, clips);
  return true;
}

/** Draws one map of every clip of the shard, one clip at a time, and writes its latents to `path`. */
async function cacheMap(
  path: string,
  map: NamedMap,
  { body, vae, model }: MapContext,
  clips: { readonly count: number; readonly read: (index: number) => Promise<HumanClip> },
): Promise<void> {
  const latents: Tensor[] = [];
  try {
    for (let index = 0; index < clips.count; index++) {
      const clip = mapClip(await clips.read(index), body);
      const [{ width, height }] = clip.cameras;
      const size = { width, height, fps: 1 };
      const [h, w] = [height / vae.spatialFactor, width / vae.spatialFactor];
      latents.push(
        await encodeMap(map, clip, {
          ...{ h, w, ...model },
          encode: (pictures) => Promise.resolve(encode(vae, [...pictures], size)),
        }),
      );
    }
    const record = scope(() => {
      const all = to(cat(latents, 0), { dtype: "float16" });
      return { dtype: all.dtype, shape: [...all.shape], bytes: toBytes(all) };
    });
    await writeSafetensors(path, new Map([[map.name, record]]), {});
  } finally {
    for (const latent of latents) latent.dispose();
  }
}

function mapClip({ persons, cameras, background }: HumanClip, body: BodyMesh): MapClip {
  if (!background) return { body, persons, cameras };
  const { width, height, data } = background;
  const size = width * height * 3;
  const picture = (frame: number) => data.subarray(frame * size, (frame + 1) * size);
  return { body, persons, cameras, background: picture };
}

function encode(
  vae: VideoVae,
  pictures: readonly Uint8Array[],
  size: { readonly width: number; readonly height: number; readonly fps: number },
): Tensor {
  const frame = size.width * size.height * 3;
  const data = new Uint8Array(pictures.length * frame);
  for (const [index, picture] of pictures.entries()) data.set(picture, index * frame);
  const frames = { ...size, count: pictures.length, data };
  return scope(() =>
    noGrad(() =>
      to(vae.encode(framesToVideo(frames, { device: vae.vars.device })), { device: "cpu" })
    )
  );
}

/** How many clips a shard of cached clips holds. */
async function clipsOfShard(path: string): Promise<number> {
  using file = await SafetensorsFile.open(path);
  const latent = file.entries.get("latent");
  if (!latent) throw new InputError(`"${path}" is no latent shard: it lacks "latent"`);
  return latent.shape[0];
}

/**
 * Maps the latents into memory that belong to a shard whose clips have latents of `shape`.
 *
 * @throws {InputError} where there are none, or they are of other clips
 */
export async function openMap(
  shard: string,
  { name, shape }: { readonly name: string; readonly shape: readonly number[] },
): Promise<Tensor> {
  const path = mapPath(shard, name);
  using file = await SafetensorsFile.open(path);
  const entry = file.entries.get(name);
  if (!entry) throw new InputError(`"${path}" holds no latents of the map "${name}"`);
  if (entry.shape.join() !== shape.join()) {
    throw new InputError(
      `"${path}" has maps of shape ${entry.shape}, the latents beside it need ${shape}; remove it, so that it is made anew`,
    );
  }
  return tensorFromFile(path, { offset: entry.begin, shape: entry.shape, dtype: entry.dtype });
}

/** Whether there is a file. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
