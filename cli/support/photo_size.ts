/**
 * How large the video of a photo is.
 * @module
 */
import { InputError } from "../../lib/errors.ts";
import { imageSize } from "../../lib/io/mod.ts";
import { type JobInput, photoPose } from "../../lib/pipelines/job/mod.ts";

/** Longer side of a video that is as its photo is, pixels. */
const LONGEST = 1024;
/** Shortest side of a video. */
const SHORTEST = 64;

/**
 * A job in its photo's shape, where it does not say a size itself and no model asks for one; a width or
 * height that it says is kept.
 */
export async function withPhotoSize(
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
  const scale = width !== undefined
    ? width / photo.width
    : height !== undefined
    ? height / photo.height
    : Math.min(1, LONGEST / Math.max(photo.width, photo.height));
  const side = (pixels: number) => Math.max(SHORTEST, 2 * Math.round(pixels * scale / 2));
  return { ...job, width: width ?? side(photo.width), height: height ?? side(photo.height) };
}
