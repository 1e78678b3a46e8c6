/**
 * Which moment of motion and background each frame of a video shows.
 * @module
 */
import type { Job } from "../job/mod.ts";

/**
 * One frame number of the motion a frame of the video, never falling. Without `freezeFrame` they are the
 * same; a freeze without length shows one moment throughout, one with a length stops there so long.
 */
export function momentsOf(
  { frames, freezeFrame: freeze }: Pick<Job, "frames" | "freezeFrame">,
): number[] {
  return Array.from({ length: frames }, (_, frame) => {
    if (!freeze) return frame;
    if (freeze.length === undefined) return freeze.frame;
    return frame <= freeze.frame ? frame : Math.max(freeze.frame, frame - freeze.length);
  });
}

/** Seconds of a motion that a job shows. */
export function shownSeconds(job: Pick<Job, "frames" | "freezeFrame" | "fps">): number {
  return momentsOf(job).at(-1)! / job.fps;
}
