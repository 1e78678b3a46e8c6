import { UsageError } from "../../lib/errors.ts";
import type { Context } from "./context.ts";

/** Flags that name LPIPS' two files. */
export interface LpipsFlags {
  readonly lpipsNet?: string;
  readonly lpipsLinear?: string;
}

/**
 * The files that `--lpips-net` and `--lpips-linear` name; undefined where neither is given.
 *
 * @throws UsageError when one is given without the other
 */
export function lpipsFiles(
  { lpipsNet, lpipsLinear }: LpipsFlags,
  context: Context,
): { readonly backbone: string; readonly linear: string } | undefined {
  if (lpipsNet === undefined && lpipsLinear === undefined) return undefined;
  if (lpipsNet === undefined || lpipsLinear === undefined) {
    throw new UsageError("--lpips-net and --lpips-linear belong together: give both");
  }
  return { backbone: context.path(lpipsNet), linear: context.path(lpipsLinear) };
}
