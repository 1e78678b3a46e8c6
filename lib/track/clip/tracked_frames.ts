/**
 * What was seen in the frames of a tracked clip, with masks.
 * @module
 */
import type { SeenFrame } from "../../perception/mod.ts";
import { recallFrames } from "./seen_frames.ts";
import type { TrackedClip } from "./track_clip.ts";

/** Each frame of the motion and whom it shows, out of the cache; errors as its reader. */
export async function* trackedFrames(
  { folder, motion }: Pick<TrackedClip, "folder" | "motion">,
): AsyncGenerator<SeenFrame> {
  let count = 0;
  for await (const { frames } of recallFrames(folder)) {
    for (const frame of frames) {
      if (count++ === motion.frames) return;
      yield frame;
    }
  }
}
