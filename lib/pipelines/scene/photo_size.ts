/**
 * How large the video of a photo is, and what else a job takes over from what it is given.
 * @module
 */
import { InputError } from "../../errors.ts";
import { imageSize } from "../../io/mod.ts";
import { type JobInput, photoPose } from "../job/mod.ts";
import { asDrivingVideo } from "./driving_job.ts";
import { sizeInShape } from "./size_in_shape.ts";

/**
 * A job of which nobody said how large and how long its video is: as the video that moves its first
 * person, and as its photo. `resolve` makes paths full ones.
 */
export async function sizedAsInputs(
  job: Partial<JobInput>,
  resolve: (path: string) => string,
): Promise<Partial<JobInput>> {
  return await withPhotoSize(await asDrivingVideo(job, resolve), resolve);
}

/**
 * A job in its photo's shape, where it does not say a size itself and no model asks for one; a width or
 * height that it says is kept.
 */
async function withPhotoSize(
  job: Partial<JobInput>,
  resolve: (path: string) => string,
): Promise<Partial<JobInput>> {
  const { reference, weights = "none", width, height } = job;
  const free = width === undefined || height === undefined;
  if (!reference || !photoPose(reference.pose ?? "auto") || weights !== "none" || !free) return job;
  const photo = await imageSize(resolve(reference.image)).catch((error) => {
    // What is wrong with the file is said where it is looked at.
    if (!(error instanceof InputError)) throw error;
  });
  if (!photo) return job;
  return { ...job, ...sizeInShape(photo, { width, height }) };
}
