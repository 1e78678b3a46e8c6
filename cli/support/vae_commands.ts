/**
 * What `encode`, `decode` and `reconstruct` share.
 * @module
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { IoError, UsageError } from "../../lib/errors.ts";
import { psnr, ssim } from "../../lib/eval/mod.ts";
import {
  loadImageVae,
  loadVideoVae,
  type TilingChoice,
  type VideoVae,
} from "../../lib/models/video_vae/mod.ts";
import {
  decodeLatents,
  encodeClip,
  openClip,
  readLatents,
  reconstructClip,
  type ReconstructOptions,
  writeClip,
  writeLatents,
} from "../../lib/pipelines/mod.ts";
import type { Device } from "../../lib/tensor/mod.ts";
import type { Context } from "./context.ts";

/** Flags that all three commands have. */
export interface VaeFlags {
  readonly weights: string;
  /** An image VAE instead of `weights`. */
  readonly vae?: string;
  readonly chunk: string;
  readonly vaeTiling: TilingChoice;
  readonly device: string;
}

/** `isa4d encode`. */
export async function runEncode(
  input: string,
  flags: VaeFlags & { readonly output: string },
  context: Context,
): Promise<void> {
  const output = context.path(flags.output);
  await checkFolder(output);
  await withVideoVae(flags, context, async (vae, options) => {
    const stored = await encodeClip(vae, await openClip(context.path(input)), options);
    try {
      await writeLatents(output, stored);
    } finally {
      stored.latents.dispose();
    }
  });
}

/** `isa4d decode`. */
export async function runDecode(
  latents: string,
  flags: VaeFlags & { readonly output: string },
  context: Context,
): Promise<void> {
  const output = context.path(flags.output);
  await checkFolder(output);
  await withVideoVae(flags, context, async (vae, options) => {
    const stored = await readLatents(context.path(latents));
    try {
      await writeClip(output, { ...stored, frames: decodeLatents(vae, stored, options) });
    } finally {
      stored.latents.dispose();
    }
  });
}

/** `isa4d reconstruct`; prints the loss as one JSON record. */
export async function runReconstruct(
  input: string,
  flags: VaeFlags & { readonly output: string },
  context: Context,
): Promise<void> {
  const output = context.path(flags.output);
  await checkFolder(output);
  await withVideoVae(flags, context, async (vae, options) => {
    const clip = await openClip(context.path(input));
    const { width, height, fps } = clip;
    const loss = new Loss(width, height);
    const frames = (async function* () {
      for await (const { original, restored } of reconstructClip(vae, clip, options)) {
        loss.add(original, restored);
        yield restored;
      }
    })();
    await writeClip(output, { width, height, fps, frames });
    await context.print(JSON.stringify(loss.report()));
  });
}

/** PSNR over all frames at once, SSIM as their mean. */
class Loss {
  readonly #size: { readonly width: number; readonly height: number };
  #frames = 0;
  #squareError = 0;
  #ssim = 0;

  constructor(width: number, height: number) {
    this.#size = { width, height };
  }

  add(original: Uint8Array, restored: Uint8Array): void {
    this.#frames++;
    this.#squareError += 10 ** (-psnr(original, restored) / 10);
    if (this.#hasSsim) this.#ssim += ssim(original, restored, this.#size);
  }

  report(): Record<string, number | null> {
    const rounded = (x: number): number | null => Number.isFinite(x) ? Number(x.toFixed(4)) : null;
    return {
      frames: this.#frames,
      ...this.#size,
      psnr: rounded(-10 * Math.log10(this.#squareError / this.#frames)),
      ssim: this.#hasSsim ? rounded(this.#ssim / this.#frames) : null,
    };
  }

  /** SSIM's window needs 11 pixels. */
  get #hasSsim(): boolean {
    return Math.min(this.#size.width, this.#size.height) >= 11;
  }
}

/** Loads the VideoVAE that the flags name, hands it to `work` and frees it. */
async function withVideoVae<T>(
  flags: VaeFlags,
  context: Context,
  work: (vae: VideoVae, options: ReconstructOptions) => Promise<T>,
): Promise<T> {
  const chunk = Number(flags.chunk);
  if (!Number.isInteger(chunk) || chunk < 1) {
    throw new UsageError(`--chunk ${flags.chunk}: expected a whole number of at least 1`);
  }
  const device = deviceOf(flags.device);
  const vae = flags.vae === undefined
    ? await loadVideoVae(weightsPath(flags.weights, context), { device })
    : await loadImageVae(context.path(flags.vae), { device, timeKernel: 1 });
  try {
    return await work(vae, { chunk, device, tiling: flags.vaeTiling, signal: context.signal });
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

function deviceOf(text: string): Device {
  if (!/^(cpu|cuda(:\d+)?)$/.test(text)) {
    throw new UsageError(`--device ${text}: expected cpu, cuda or cuda:N`);
  }
  return text as Device;
}
