/**
 * What `encode`, `decode` and `reconstruct` share: their flags, and the VideoVAE that these name.
 * @module
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { IoError, UsageError } from "../../lib/errors.ts";
import {
  loadImageVae,
  loadVideoVae,
  type TilingChoice,
  type VideoVae,
} from "../../lib/models/video_vae/mod.ts";
import type { ReconstructOptions } from "../../lib/pipelines/mod.ts";
import type { Context } from "./context.ts";
import { deviceOf } from "./device.ts";

/** Flags that all three commands have. */
export interface VaeFlags {
  readonly output: string;
  readonly weights: string;
  /** An image VAE instead of `weights`. */
  readonly vae?: string;
  readonly chunk: string;
  readonly vaeTiling: TilingChoice;
  readonly device: string;
}

/** What the work of the three commands is told. */
export interface VaeWork extends ReconstructOptions {
  /** Where to write, in a folder that exists. */
  readonly output: string;
}

/** Loads the VideoVAE that the flags name, hands it to `work` and frees it. */
export async function withVideoVae<T>(
  flags: VaeFlags,
  context: Context,
  work: (vae: VideoVae, options: VaeWork) => Promise<T>,
): Promise<T> {
  const output = context.path(flags.output);
  await checkFolder(output);
  const chunk = Number(flags.chunk);
  if (!Number.isInteger(chunk) || chunk < 1) {
    throw new UsageError(`--chunk ${flags.chunk}: expected a whole number of at least 1`);
  }
  const device = deviceOf(flags.device);
  const vae = flags.vae === undefined
    ? await loadVideoVae(weightsPath(flags.weights, context), { device })
    : await loadImageVae(context.path(flags.vae), { device, timeKernel: 1 });
  try {
    return await work(vae, {
      ...{ output, chunk, device, tiling: flags.vaeTiling },
      signal: context.signal,
    });
  } finally {
    vae.vars.dispose();
  }
}

/** Throws {@linkcode IoError} before the work where the output's folder does not exist. */
async function checkFolder(output: string): Promise<void> {
  const folder = dirname(output);
  const facts = await Deno.stat(folder).catch(() => undefined);
  if (!facts?.isDirectory) {
    throw new IoError(`cannot write "${output}": the folder "${folder}" does not exist`);
  }
}

/** A bare word is the name of shipped weights. */
function weightsPath(given: string, context: Context): string {
  if (!/^[\w-]+$/.test(given)) return context.path(given);
  return fileURLToPath(
    new URL(`../../weights/${given}/video_vae.safetensors`, import.meta.url),
  );
}
