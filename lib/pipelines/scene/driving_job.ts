/**
 * What a job takes over from the video that moves its first person, where it does not say otherwise.
 * @module
 */
import { InputError } from "../../errors.ts";
import { openVideo, probeVideo } from "../../io/mod.ts";
import type { JobInput } from "../job/mod.ts";
import { drivingVideo } from "./driving.ts";
import { type Size, sizeInShape } from "./size_in_shape.ts";

/**
 * A job with the rate and as many frames as its first person's video has, and over the video's scene in
 * its shape; what it says itself, and models ask for, stays.
 */
export async function asDrivingVideo(
  job: Partial<JobInput>,
  resolve: (path: string) => string,
): Promise<Partial<JobInput>> {
  const { persons: [person] = [], weights = "none", background, width, height } = job;
  const video = person && drivingVideo(person.motion);
  if (!video || weights !== "none") return job;
  const path = resolve(video.path);
  const free = background === "driving" && width === undefined && height === undefined;
  try {
    return { ...await lengthOf(path, job), ...free ? await sizeOf(path) : {}, ...job };
  } catch (error) {
    // What is wrong with the file is said where it is looked at.
    if (error instanceof InputError) return job;
    throw error;
  }
}

async function lengthOf(
  path: string,
  { fps, frames, freezeFrame }: Partial<JobInput>,
): Promise<Partial<JobInput>> {
  if (frames !== undefined || freezeFrame) return {};
  const facts = await probeVideo(path);
  if (facts.duration === undefined) return {};
  const { watchedRate } = await import("../../track/mod.ts");
  const rate = fps ?? watchedRate(facts);
  return { fps: rate, frames: Math.max(1, Math.round(facts.duration * rate)) };
}

/** As it is shown, its rotation obeyed. */
async function sizeOf(path: string): Promise<Size> {
  const { frames, ...size } = await openVideo(path, { maxFrames: 1 });
  await frames.return(undefined);
  return sizeInShape(size);
}
