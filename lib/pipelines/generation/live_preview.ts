/**
 * The clip while it is sampled: what the model takes it to be so far, decoded now and then into a file
 * that always holds a whole picture or video.
 * @module
 */
import type { SamplingStep } from "../../diffusion/mod.ts";
import { ConfigError, IoError } from "../../errors.ts";
import {
  atomicWrite,
  encodeJpeg,
  encodePng,
  isSequencePattern,
  type Origin,
  videoContainer,
  videoEndings,
  writeVideo,
} from "../../io/mod.ts";
import type { VideoVae } from "../../models/video_vae/mod.ts";
import { narrow, type Tensor } from "../../tensor/mod.ts";
import { decodeLatents, type ReconstructOptions } from "../codec/mod.ts";
import type { StoredLatents } from "../record/mod.ts";
import { previewOrigin, previewText } from "./preview_facts.ts";
import { TimeShare } from "./time_share.ts";

/**
 * Of the time of sampling, for decoding and writing. What nobody can time, such as caches that a step
 * finds emptied, comes on top: together that is to be 3 % at most.
 */
const SHARE = 0.012;

/** What decoding one frame is taken to cost before it is known, in steps of sampling. */
const STEPS_A_FRAME = 0.1;

/** Where the clip is shown. */
export interface PreviewFile {
  /** `.png` or `.jpg`: the frame in the middle; a video's ending: all frames. */
  readonly path: string;
  /** How the clip comes to be, for the mark that the preview carries too. */
  readonly origin: Origin;
  /** The file that the clip is going to be, which the preview names. */
  readonly output?: string;
}

/** Throws {@linkcode ConfigError} for a name that no preview can have. */
export function checkPreviewFile(path: string): void {
  if (!isSequencePattern(path) && (isPicture(path) || videoContainer(path))) return;
  throw new ConfigError(
    `cannot show the clip in "${path}": expected a name ending in .png, .jpg, ${videoEndings}`,
  );
}

/** What a {@linkcode LivePreview} decodes with and for. */
export interface LivePreviewOptions extends Pick<ReconstructOptions, "device" | "tiling"> {
  readonly clip: Omit<StoredLatents, "latents">;
  readonly onNotice?: (text: string) => void;
}

/** Shows a clip; decoding and writing take at most 3 % of the time. */
export class LivePreview {
  readonly #vae: VideoVae;
  readonly #file: PreviewFile;
  /** The first step that was seen, of which a run that goes on with an older one knows no time before. */
  #first: SamplingStep | undefined;
  readonly #options: LivePreviewOptions;
  readonly #time = new TimeShare(SHARE);
  #failed = false;

  constructor(vae: VideoVae, file: PreviewFile, options: LivePreviewOptions) {
    this.#vae = vae;
    this.#file = { ...file, origin: previewOrigin(file.origin) };
    this.#options = options;
  }

  /** Shows what a step takes the latents to be [1, C, T, h, w], if there is time; keeps nothing of them. */
  async see(latents: Tensor, sampling: SamplingStep): Promise<void> {
    const { step, of, elapsedMs } = sampling;
    this.#first ??= sampling;
    // After the last step the clip itself is decoded.
    if (this.#failed || step === of) return;
    const frames = isPicture(this.#file.path) ? 1 : latents.shape[2];
    const guess = elapsedMs / step * STEPS_A_FRAME * frames;
    try {
      await this.#time.spend(guess, () => this.#show(latents, sampling));
    } catch (error) {
      if (!(error instanceof IoError)) throw error;
      this.#failed = true;
      this.#options.onNotice?.(`${error.message}; the run continues without a preview`);
    }
  }

  async #show(latents: Tensor, sampling: SamplingStep): Promise<void> {
    const { path, origin } = this.#file;
    const metadata = previewText(this.#file, sampling, this.#first ?? sampling);
    const { clip, onNotice: _notice, ...decoding } = this.#options;
    if (!isPicture(path)) {
      const frames = decodeLatents(this.#vae, { ...clip, latents }, decoding);
      return await writeVideo(path, { ...clip, frames }, { origin, metadata });
    }
    const middle = latents.shape[2] >> 1;
    // A later latent alone decodes into noise: it says how its frames differ from those before.
    const first = Math.max(0, middle - 1);
    using two = narrow(latents, 2, first, middle - first + 1);
    const frames = middle === 0 ? 1 : 1 + this.#vae.temporalFactor;
    let last: Uint8Array | undefined;
    for await (
      const frame of decodeLatents(this.#vae, { ...clip, frames, latents: two }, decoding)
    ) {
      last = frame;
    }
    const picture = { ...clip, count: 1, data: last! };
    const encode = path.endsWith(".png") ? encodePng : encodeJpeg;
    const bytes = await encode(picture, { origin, description: metadata });
    await atomicWrite(path, (part) => Deno.writeFile(part, bytes));
  }
}

function isPicture(path: string): boolean {
  return /\.(png|jpe?g)$/i.test(path);
}
