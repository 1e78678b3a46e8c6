import { join } from "node:path";
import type { Dataset } from "../data/mod.ts";
import { type CacheContext, cacheShard } from "./latent_cache.ts";

/** Clips of one latent shard. */
const CLIPS_PER_SHARD = 50;

/**
 * Encodes every clip of `dataset` that has no latents in `folder` yet and returns how many clips have
 * them then. Shards that are there are left alone, so that it can be stopped and can follow a data
 * set that grows.
 */
export async function prepareLatents(
  dataset: Dataset,
  folder: string,
  context: CacheContext,
  options: {
    readonly signal?: AbortSignal;
    readonly onShard?: (report: { readonly clips: number; readonly of: number }) => void;
  } = {},
): Promise<number> {
  await Deno.mkdir(folder, { recursive: true });
  for (let first = 0; first < dataset.count; first += CLIPS_PER_SHARD) {
    options.signal?.throwIfAborted();
    const number = String(first / CLIPS_PER_SHARD).padStart(5, "0");
    const path = join(folder, `shard-${number}.safetensors`);
    const last = Math.min(first + CLIPS_PER_SHARD, dataset.count);
    if (!await exists(path)) {
      const clips = await Promise.all(
        Array.from({ length: last - first }, (_, i) => dataset.clip(first + i)),
      );
      await cacheShard(path, clips, context);
    }
    options.onShard?.({ clips: last, of: dataset.count });
  }
  return dataset.count;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
