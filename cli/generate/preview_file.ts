/**
 * The file of `isa4d generate` that shows the clip while it is sampled.
 * @module
 */
import { UsageError } from "../../lib/errors.ts";
import type { PlannedOutput } from "../../lib/io/mod.ts";
import { checkPreviewFile, isPreviewFile } from "../../lib/pipelines/mod.ts";

/** Throws `UsageError` or `ConfigError` for a preview that cannot be made. */
export function checkPreview(path: string, { latents }: { readonly latents?: string }): void {
  checkPreviewFile(path);
  if (latents !== undefined) {
    throw new UsageError("--preview-file shows what is sampled: leave out --latents");
  }
}

/** The preview as an output; one of an earlier run is replaced without a question. */
export function previewOutput(path: string): PlannedOutput {
  return { flag: "--preview-file", path, ours: isPreviewFile, renews: true };
}
