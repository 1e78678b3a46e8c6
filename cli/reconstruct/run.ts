/**
 * What `isa4d reconstruct` does, and what it measures.
 * @module
 */
import { psnr, ssim } from "../../lib/eval/mod.ts";
import { openClip, writeClip } from "../../lib/io/mod.ts";
import { reconstructClip } from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { clipEndings, type VaeFlags, withVideoVae } from "../support/vae.ts";

/** All flags of `isa4d reconstruct`. */
export interface ReconstructFlags extends VaeFlags {
  readonly json?: true;
}

/** `isa4d reconstruct`; prints the loss. */
export async function runReconstruct(
  input: string,
  flags: ReconstructFlags,
  context: Context,
): Promise<void> {
  const files = { input, endings: clipEndings };
  await withVideoVae({ ...flags, ...files }, context, async (vae, work) => {
    const { input, output, replace, ...options } = work;
    const clip = await openClip(input);
    const { width, height, fps } = clip;
    const loss = new Loss(width, height);
    const frames = (async function* () {
      for await (const { original, restored } of reconstructClip(vae, clip, options)) {
        loss.add(original, restored);
        yield restored;
      }
    })();
    await writeClip(output, { width, height, fps, frames }, { replace });
    const report = loss.report();
    await context.print(flags.json ? JSON.stringify(report) : lossLine(report));
  });
}

function lossLine({ frames, width, height, psnr, ssim }: Record<string, number | null>): string {
  const size = `${frames === 1 ? "1 frame" : `${frames} frames`} of ${width}×${height}`;
  const quality = psnr === null ? "nothing lost" : `PSNR ${psnr.toFixed(2)} dB`;
  return `${size}: ${quality}${ssim === null ? "" : `, SSIM ${ssim.toFixed(4)}`}`;
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
