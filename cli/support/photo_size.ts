/**
 * How large the video of a photo is.
 * @module
 */
import { InputError } from "../../lib/errors.ts";
import { imageSize } from "../../lib/io/mod.ts";
import { type JobInput, photoPose } from "../../lib/pipelines/job/mod.ts";
import { sizeInShape } from "./shape.ts";

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
  return { ...job, ...sizeInShape(photo, { width, height }) };
}
