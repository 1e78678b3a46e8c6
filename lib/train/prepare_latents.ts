import { dirname, join } from "node:path";
import {
  type Dataset,
  hasHumans,
  type HumanClip,
  openHumanClips,
  openVideoIndex,
  type VideoEntry,
  windowCount,
} from "../data/mod.ts";
import { ConfigError, InputError } from "../errors.ts";
import type { DitTrainConfig } from "./dit_config.ts";
import { type CacheContext, cacheShard, humanClipOf } from "./latent_cache.ts";
import { cacheMaps, exists } from "./map_cache.ts";

/** Clips of one latent shard. */
const CLIPS_PER_SHARD = 50;

/** How the work is watched and stopped. */
export interface PrepareOptions {
  readonly signal?: AbortSignal;
  /** Told after each shard for which something was missing. */
  readonly onShard?: (report: { readonly clips: number; readonly of: number }) => void;
}

/**
 * Encodes every clip of `dataset` that has no latents in `folder` yet and returns how many clips have
 * them then; for a model that reads maps, those of every clip too. Shards that are there are
 * left alone, so that it can be stopped and can follow a data set that grows.
 */
export async function prepareLatents(
  dataset: Dataset,
  folder: string,
  context: CacheContext,
  options: PrepareOptions = {},
): Promise<number> {
  await Deno.mkdir(folder, { recursive: true });
  const { views } = dataset.index;
  // All views of a scene lie in one shard.
  const perShard = Math.max(1, Math.floor(CLIPS_PER_SHARD / views)) * views;
  for (let first = 0; first < dataset.count; first += perShard) {
    options.signal?.throwIfAborted();
    const path = shardPath(folder, first / perShard);
    const last = Math.min(first + perShard, dataset.count);
    let known: readonly HumanClip[] | undefined;
    const read = async (index: number) =>
      humanClipOf(await dataset.clip(first + index), dataset.index.kind);
    if (!await exists(path)) {
      known = await Promise.all(Array.from({ length: last - first }, (_, index) => read(index)));
      await cacheShard(path, known, context);
    }
    const added = await cacheMaps(
      path,
      context,
      async (index) => known?.[index] ?? await read(index),
    );
    if (known || added) options.onShard?.({ clips: last, of: dataset.count });
  }
  return dataset.count;
}

/**
 * The same for videos with bodies and cameras, cut into windows. `folder` belongs to this index and
 * these windows: where either changes another folder has to be taken.
 *
 * @throws {InputError} where no video has both, or all are shorter than a window
 */
export async function prepareVideoLatents(
  indexPath: string,
  folder: string,
  context: CacheContext & { readonly videos: DitTrainConfig["videos"] },
  options: PrepareOptions = {},
): Promise<number> {
  const { body, videos } = context;
  const { entries } = await openVideoIndex(indexPath);
  const usable = entries.filter(hasHumans)
    .map((entry) => ({ entry, windows: windowCount(entry, videos) }))
    .filter(({ windows }) => windows > 0);
  const of = usable.reduce((sum, { windows }) => sum + windows, 0);
  if (of === 0) {
    throw new InputError(
      `no video of "${indexPath}" has a body, a camera and ${videos.frames} frames at ${videos.fps} a second${
        videos.frames > 1 && entries.some(({ frames }) => frames === 1)
          ? "; its pictures are for --config small-lora-photos, or videos.frames=1 with windows of 1 latent frame"
          : ""
      }`,
    );
  }
  const side = 8 * context.model.patchSize;
  if (videos.width % side !== 0 || videos.height % side !== 0 || videos.frames % 4 !== 1) {
    throw new ConfigError(
      `windows of ${videos.width}×${videos.height} and ${videos.frames} frames, expected sides in multiples of ${side} and 4n + 1 frames`,
    );
  }
  const plan = usable.flatMap(({ entry, windows }) =>
    Array.from({ length: windows }, (_, window) => ({ entry, window }))
  );
  const seenIn = otherPictures(usable.map(({ entry }) => entry));
  const open = lastOpened((entry: VideoEntry) =>
    openHumanClips(entry, { ...videos, body, seenIn: seenIn.get(entry) })
  );
  const read = async ({ entry, window }: typeof plan[number]) => {
    options.signal?.throwIfAborted();
    return await (await open(entry)).read(window);
  };
  await Deno.mkdir(folder, { recursive: true });
  for (let first = 0; first < of; first += CLIPS_PER_SHARD) {
    const path = shardPath(folder, first / CLIPS_PER_SHARD);
    const part = plan.slice(first, first + CLIPS_PER_SHARD);
    let known: HumanClip[] | undefined;
    if (!await exists(path)) {
      known = [];
      for (const place of part) known.push(await read(place));
      await cacheShard(path, known, context);
    }
    const added = await cacheMaps(
      path,
      context,
      async (index) => known?.[index] ?? await read(part[index]),
    );
    if (known || added) options.onShard?.({ clips: first + part.length, of });
  }
  return of;
}

/**
 * For each photograph another one of its folder with as many persons: a model that sees the very
 * picture that it is asked for learns to copy.
 */
function otherPictures(entries: readonly VideoEntry[]): Map<VideoEntry, VideoEntry> {
  const stills = entries.filter(({ frames }) => frames === 1);
  const sitters = Map.groupBy(stills, ({ path, body }) => `${body.length} ${dirname(path)}`);
  const others = new Map<VideoEntry, VideoEntry>();
  for (const group of sitters.values()) {
    if (group.length < 2) continue;
    group.forEach((entry, i) => others.set(entry, group[(i + 1) % group.length]));
  }
  return others;
}

/** `make`, which remembers its last answer. */
function lastOpened<Key, Value>(make: (key: Key) => Promise<Value>): (key: Key) => Promise<Value> {
  let last: { readonly key: Key; readonly value: Value } | undefined;
  return async (key) => {
    if (last?.key !== key) last = { key, value: await make(key) };
    return last.value;
  };
}

function shardPath(folder: string, number: number): string {
  return join(folder, `shard-${String(number).padStart(5, "0")}.safetensors`);
}
