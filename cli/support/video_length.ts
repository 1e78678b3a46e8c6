/**
 * How long a video is that moves a job's person.
 * @module
 */
import { InputError } from "../../lib/errors.ts";
import { probeVideo } from "../../lib/io/mod.ts";
import type { JobInput } from "../../lib/pipelines/job/mod.ts";
import { drivingVideo } from "../../lib/pipelines/scene/mod.ts";

/**
 * A job with the rate and as many frames as its first person's video has, where it says neither and no
 * model asks for others.
 */
export async function withVideoLength(
  job: Partial<JobInput>,
  resolve: (path: string) => string,
): Promise<Partial<JobInput>> {
  const { persons: [person] = [], weights = "none", frames, freezeFrame } = job;
  const video = person && drivingVideo(person.motion);
  if (!video || weights !== "none" || frames !== undefined || freezeFrame) return job;
  const facts = await probeVideo(resolve(video.path)).catch((error) => {
    // What is wrong with the file is said where it is looked at.
    if (!(error instanceof InputError)) throw error;
  });
  if (facts?.duration === undefined) return job;
  const { watchedRate } = await import("../../lib/track/mod.ts");
  const { fps = watchedRate(facts) } = job;
  return { ...job, fps, frames: Math.max(1, Math.round(facts.duration * fps)) };
}
