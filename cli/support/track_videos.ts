/**
 * Videos among a job's motions, looked at before the job begins, with progress on stderr.
 * @module
 */
import type { Job } from "../../lib/pipelines/job/mod.ts";
import { drivingTrack, drivingVideo, shownSeconds } from "../../lib/pipelines/scene/mod.ts";
import type { Context } from "./context.ts";
import { trackProgress } from "./track_progress.ts";

/** Finds, follows and fits the persons of a job's videos; what was found before takes no time. */
export async function trackVideos(job: Job, context: Context): Promise<void> {
  for (const { motion } of job.persons) {
    const video = drivingVideo(motion);
    if (!video) continue;
    const { onFrame, onFit, stop } = trackProgress(context);
    let begun = false;
    const begin = () => {
      if (begun) return;
      begun = true;
      const whom = video.person === undefined ? "the largest person" : `person ${video.person}`;
      context.notice(
        `"${video.path}" is a video: tracking ${whom} in it, once; isa4d track shows how well it fits`,
      );
    };
    await drivingTrack(motion, shownSeconds(job), {
      signal: context.signal,
      onFrame: (state) => {
        begin();
        onFrame(state);
      },
      onFit: (state) => {
        begin();
        onFit(state);
      },
    }).finally(stop);
  }
}
