/**
 * Latents to pictures, piece by piece.
 * @module
 */
import { DecoderStream, type VideoVae } from "../models/video_vae/mod.ts";
import { narrow, type Tensor } from "../tensor/mod.ts";
import { eachFrame, videoToFrames } from "./pixels.ts";

/** How latents are decoded. */
export interface DecodeOptions {
  /** Pictures wanted; what the last latent holds beyond is cut. */
  readonly frames: number;
  readonly onFrame?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Decodes latents [1, C, T, h, w] one after another: memory does not grow with their number, and the
 * event loop runs between them. Yields rgb24 pictures.
 */
export async function* decodeFrames(
  vae: VideoVae,
  latents: Tensor,
  { frames, onFrame, signal }: DecodeOptions,
): AsyncGenerator<Uint8Array> {
  using stream = new DecoderStream(vae);
  let done = 0;
  for (let t = 0; t < latents.shape[2] && done < frames; t++) {
    signal?.throwIfAborted();
    const pictures = decodeOne(stream, latents, t);
    for (const picture of pictures) {
      if (done === frames) return;
      yield picture;
      onFrame?.(++done);
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

function decodeOne(stream: DecoderStream, latents: Tensor, t: number): Iterable<Uint8Array> {
  using piece = narrow(latents, 2, t, 1);
  using video = stream.push(piece);
  return eachFrame(videoToFrames(video, { fps: 1 }));
}
