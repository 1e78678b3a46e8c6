/**
 * What is wrong with a job's geometry, as `preview`, `generate` and `grid` report it.
 * @module
 */
import { InputError } from "../../lib/errors.ts";
import type { PreviewWarning } from "../../lib/preview/mod.ts";
import type { Context } from "./context.ts";

/** Prints each finding. */
export function reportWarnings(warnings: readonly PreviewWarning[], context: Context): void {
  for (const warning of warnings) {
    context.event("preview_warning", { ...warning }, `warning: ${warning.message}`);
  }
}

/** For `--strict`: throws {@linkcode InputError} where there are findings. */
export function refuseWarnings(warnings: readonly PreviewWarning[]): void {
  if (warnings.length === 0) return;
  const count = warnings.length === 1 ? "one warning" : `${warnings.length} warnings`;
  throw new InputError(`${count}, and --strict stops on any`);
}
