/**
 * What `encode`, `decode` and `reconstruct` share: their flags, and the VideoVAE that these name.
 * @module
 */
import { fileURLToPath } from "node:url";
import { UsageError } from "../../lib/errors.ts";
import {
  loadImageVae,
  loadVideoVae,
  type TilingChoice,
  type VideoVae,
} from "../../lib/models/video_vae/mod.ts";
import { filesOf, type ReconstructOptions } from "../../lib/pipelines/mod.ts";
import type { Context } from "./context.ts";
import { tensorOutput } from "./job_outputs.ts";
import { deviceOf } from "./device.ts";
import { checkOutputs, type OverwriteFlag, requireEnding } from "./outputs.ts";

/** Flags that all three commands have. */
export interface VaeFlags extends OverwriteFlag {
  readonly output: string;
  readonly weights: string;
  /** An image VAE instead of `weights`. */
  readonly vae?: string;
  readonly chunk: string;
  readonly vaeTiling: TilingChoice;
  readonly device: string;
}

/** What the work of the three commands is told; paths are full ones. */
export interface VaeWork extends ReconstructOptions {
  readonly input: string;
  readonly output: string;
  /** Removes pictures of an older, longer sequence. */
  readonly replace: boolean;
}

/** What a command reads and writes. */
export interface VaeFiles {
  readonly input: string;
  /** Names that the output may have. */
  readonly endings: readonly string[];
}

/** Names of a clip that can be written. */
export const clipEndings: readonly string[] = [
  ...[".mp4", ".webm", ".gif", ".webp", ".png", ".jpg", ".jpeg"],
];

/** Checks the files, loads the VideoVAE that the flags name, hands it to `work` and frees it. */
export async function withVideoVae<T>(
  flags: VaeFlags & VaeFiles,
  context: Context,
  work: (vae: VideoVae, options: VaeWork) => Promise<T>,
): Promise<T> {
  const [input, output] = [flags.input, flags.output].map(context.path);
  requireEnding("-o", output, flags.endings);
  const weights = flags.vae === undefined
    ? weightsPath(flags.weights, context)
    : context.path(flags.vae);
  const files = await filesOf(weights).catch(() => [weights]);
  const outputs = [tensorOutput("-o", output)];
  const replace = await checkOutputs(outputs, { ...flags, inputs: [input, ...files] }, context);
  const chunk = Number(flags.chunk);
  if (!Number.isInteger(chunk) || chunk < 1) {
    throw new UsageError(`--chunk ${flags.chunk}: expected a whole number of at least 1`);
  }
  const device = deviceOf(flags.device);
  const vae = flags.vae === undefined
    ? await loadVideoVae(weights, { device })
    : await loadImageVae(weights, { device, timeKernel: 1 });
  try {
    return await work(vae, {
      ...{ input, output, replace, chunk, device, tiling: flags.vaeTiling },
      signal: context.signal,
    });
  } finally {
    vae.vars.dispose();
  }
}

/** A bare word is the name of shipped weights. */
function weightsPath(given: string, context: Context): string {
  if (!/^[\w-]+$/.test(given)) return context.path(given);
  return fileURLToPath(
    new URL(`../../weights/${given}/video_vae.safetensors`, import.meta.url),
  );
}
