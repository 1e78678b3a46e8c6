/**
 * Scores of frames, as means over a clip.
 * @module
 */
import type { HeldOutClip } from "./clip_scores.ts";
import type { FrameScorer, ScoreName } from "./frame_scores.ts";

/** Frames scored at once. */
const BATCH = 8;

/** Means over the frames of what a scorer measures, rgb24 against a clip's truth. */
export function meanScores(
  scorer: FrameScorer,
  frames: Uint8Array,
  { width, height, truth }: Pick<HeldOutClip, "width" | "height" | "truth">,
): [ScoreName, number][] {
  const size = width * height * 3;
  const sums = new Map<ScoreName, number>();
  for (let at = 0; at < frames.length; at += BATCH * size) {
    const result = frames.subarray(at, at + BATCH * size);
    const there = truth.subarray(at, at + BATCH * size);
    const batch = { count: result.length / size, width, height, result, truth: there };
    for (const [name, values] of scorer.score(batch).scores) {
      sums.set(name, values.reduce((sum, value) => sum + value, sums.get(name) ?? 0));
    }
  }
  return [...sums].map(([name, sum]) => [name, sum * size / frames.length]);
}
