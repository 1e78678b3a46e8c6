/**
 * A rendered video with all that networks would see in it already in the cache, so that none is asked.
 * @module
 */
import { join } from "node:path";
import { renderClip, type SynthClip } from "../../lib/data/mod.ts";
import { frameAt, writeVideo } from "../../lib/io/mod.ts";
import { clipCache } from "../../lib/track/clip/clip_cache.ts";
import { writeSeen } from "../../lib/track/seen_file.ts";
import { keepWatched } from "../../lib/track/clip/watched_file.ts";
import { body, seenClip } from "./seen_clip.ts";

/** Writes `clip.mp4` and the cache that `--cache cache` finds; returns what was rendered. */
export async function writeSeenVideo(
  folder: string,
  { frames: count, size }: { readonly frames: number; readonly size: number },
): Promise<SynthClip> {
  const options = { seed: 1_000_000_003, frames: count, width: size, height: size };
  const clip = renderClip(body, { ...options, kind: "video" });
  const path = join(folder, "clip.mp4");
  await writeVideo(path, clip.frames);
  const { persons: [{ poses }], cameras, frames: { fps }, background, mask } = clip;
  const square = { width: size, height: size };
  const following = { frames: count, ids: 1, tracks: [], lost: [] };
  const seen = seenClip({ poses, cameras, fps }).frames.map((person, index) => {
    const data = mask.subarray(index * size * size, (index + 1) * size * size)
      .map((value) => value ? 255 : 0);
    return { ...square, index, persons: [{ ...person!, mask: { ...square, data } }] };
  });
  const kept = join(await clipCache(path, join(folder, "cache")), `${Number(fps.toFixed(3))}-fps`);
  await writeSeen(join(kept, "seen-000000.npz"), { frames: seen, following });
  await keepWatched(join(kept, "watched-auto"), {
    ...{ ...square, count },
    camera: {
      ...{ kind: "still", says: "the camera stands still" },
      homographies: poses.map(() => Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1)),
      agreement: poses.map(() => 1),
    },
  }, {
    ...{ ...square, left: 0, top: 0, data: frameAt(background, 0) },
    seen: new Uint8Array(size * size).fill(1),
  });
  return clip;
}
