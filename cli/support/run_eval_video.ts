/**
 * Runs `isa4d eval video`.
 * @module
 */
import { InputError } from "../../lib/errors.ts";
import { psnr, ssim } from "../../lib/eval/mod.ts";
import { readVideo } from "../../lib/io/mod.ts";
import type { Context } from "./context.ts";

/** Prints how close a video is to the true one. */
export async function runEvalVideo(
  files: { readonly result: string; readonly truth: string },
  flags: { readonly json?: true },
  context: Context,
): Promise<void> {
  const result = await readVideo(context.path(files.result));
  const truth = await readVideo(context.path(files.truth));
  const size = ({ width, height, count }: typeof result) => `${count} frames of ${width}×${height}`;
  if (size(result) !== size(truth)) {
    throw new InputError(
      `"${files.result}" has ${size(result)}, "${files.truth}" has ${size(truth)}`,
    );
  }
  const scores = {
    psnr: psnr(result.data, truth.data),
    ssim: ssim(result.data, truth.data, truth),
  };
  await context.print(
    flags.json
      ? JSON.stringify(scores)
      : `PSNR ${scores.psnr.toFixed(3)} dB  SSIM ${scores.ssim.toFixed(4)}`,
  );
}
