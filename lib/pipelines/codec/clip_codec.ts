/**
 * Videos and images through the VideoVAE, in chunks, so that memory does not grow with length.
 * @module
 */
import { InputError } from "../../errors.ts";
import { type FrameStream, SpooledClip } from "../../io/mod.ts";
import {
  cropTo,
  DecoderStream,
  EncoderStream,
  framesToVideo,
  padToGrid,
  type TileGrid,
  tileGrid,
  tilingRoom,
  videoFrames,
  videoToFrames,
  type VideoVae,
} from "../../models/video_vae/mod.ts";
import { cat, narrow, scope, type Tensor, to } from "../../tensor/mod.ts";
import type { StoredLatents } from "../record/mod.ts";
import type { ReconstructOptions } from "./codec_options.ts";
import { decodeTiled } from "./tiled_decode.ts";
import { encodeTiled } from "./tiled_encode.ts";

/** A picture on the way out, beside the one that went in. */
export interface FramePair {
  /** rgb24 of the input. */
  readonly original: Uint8Array;
  /** rgb24 of what came back. */
  readonly restored: Uint8Array;
}

/** The tiles of pictures of this size; "auto" goes by the memory of the device that works on them. */
function tilesOf(
  vae: VideoVae,
  size: { readonly width: number; readonly height: number },
  { tiling = "auto", device = "cpu" }: ReconstructOptions,
): TileGrid | undefined {
  return tileGrid(vae.config, size, tiling, tilingRoom(device));
}

/** All latents of a clip; sides that are no multiple of 8 are filled up by repeating the edge. */
export async function encodeClip(
  vae: VideoVae,
  clip: FrameStream,
  options: ReconstructOptions = {},
): Promise<StoredLatents> {
  const grid = tilesOf(vae, clip, options);
  if (grid) {
    using spooled = await SpooledClip.fill(clip, options.signal);
    return await encodeTiled(vae, spooled, grid, options);
  }
  const parts: Tensor[] = [];
  let frames = 0;
  try {
    for await (const { latents, originals } of encodedChunks(vae, clip, options)) {
      if (latents) parts.push(latents);
      frames += originals.length;
      options.onFrames?.(frames);
    }
    const { width, height, fps } = clip;
    return { latents: cat(parts, 2), frames, width, height, fps };
  } finally {
    for (const part of parts) part.dispose();
  }
}

/** Frames of stored latents, decoded as they are asked for. */
export async function* decodeLatents(
  vae: VideoVae,
  stored: StoredLatents,
  options: ReconstructOptions = {},
): AsyncGenerator<Uint8Array> {
  const { chunk = 4, device = "cpu", signal, onFrames } = options;
  checkStored(vae, stored);
  const [, , T, h, w] = stored.latents.shape;
  const s = vae.spatialFactor;
  const grid = tilesOf(vae, { width: w * s, height: h * s }, options);
  if (grid) return yield* decodeTiled(vae, stored, grid, options);
  using stream = new DecoderStream(vae);
  let done = 0;
  for (let t = 0; t < T; t += chunk) {
    signal?.throwIfAborted();
    const pictures = scope(() => {
      const latents = to(narrow(stored.latents, 2, t, Math.min(chunk, T - t)), { device });
      return bytesOf(stream.push(latents), stored);
    });
    for (const picture of pictures) {
      if (done++ < stored.frames) yield picture;
    }
    onFrames?.(Math.min(done, stored.frames));
    await breathe();
  }
}

/** Each frame of a clip beside what the VideoVAE makes of it. */
export async function* reconstructClip(
  vae: VideoVae,
  clip: FrameStream,
  options: ReconstructOptions = {},
): AsyncGenerator<FramePair> {
  const grid = tilesOf(vae, clip, options);
  if (grid) return yield* reconstructTiled(vae, clip, grid, options);
  using stream = new DecoderStream(vae);
  const waiting: Uint8Array[] = [];
  let done = 0;
  for await (const { latents, originals } of encodedChunks(vae, clip, options)) {
    waiting.push(...originals);
    if (!latents) continue;
    const pictures = scope(() => bytesOf(stream.push(latents), clip));
    latents.dispose();
    for (const restored of pictures) {
      const original = waiting.shift();
      if (!original) break; // the last group was filled up
      yield { original, restored };
      done++;
    }
    options.onFrames?.(done);
  }
}

async function* reconstructTiled(
  vae: VideoVae,
  clip: FrameStream,
  grid: TileGrid,
  { onFrames, ...options }: ReconstructOptions,
): AsyncGenerator<FramePair> {
  using spooled = await SpooledClip.fill(clip, options.signal);
  const stored = await encodeTiled(vae, spooled, grid, options);
  try {
    let done = 0;
    for await (const restored of decodeTiled(vae, stored, grid, options)) {
      yield { original: await spooled.frame(done++), restored };
      onFrames?.(done);
    }
  } finally {
    stored.latents.dispose();
  }
}

interface EncodedChunk {
  /** Undefined while no group of frames is full. The reader frees it. */
  readonly latents: Tensor | undefined;
  /** Frames read since the last chunk. */
  readonly originals: readonly Uint8Array[];
}

async function* encodedChunks(
  vae: VideoVae,
  { width, height, frames }: FrameStream,
  { chunk = 4, device = "cpu", signal }: ReconstructOptions,
): AsyncGenerator<EncodedChunk> {
  using stream = new EncoderStream(vae);
  const size = chunk * vae.temporalFactor;
  let originals: Uint8Array[] = [];
  const push = (): EncodedChunk => {
    const latents = scope(() => {
      const parts = originals.map((data) =>
        framesToVideo({ data, count: 1, width, height, fps: 1 })
      );
      return stream.push(to(padToGrid(cat(parts, 2), vae.spatialFactor), { device }));
    });
    const chunkDone = { latents, originals };
    originals = [];
    return chunkDone;
  };
  for await (const frame of frames) {
    signal?.throwIfAborted();
    originals.push(frame);
    if (originals.length === size) yield push();
    await breathe();
  }
  if (originals.length > 0) yield push();
  const last = stream.finish();
  if (last) yield { latents: last, originals: [] };
}

function bytesOf(
  video: Tensor,
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array[] {
  const { data, count } = videoToFrames(cropTo(video, height, width), { fps: 1 });
  const size = data.length / count;
  return Array.from({ length: count }, (_, i) => data.slice(i * size, (i + 1) * size));
}

function checkStored(vae: VideoVae, { latents, frames, width, height }: StoredLatents): void {
  const [, , T, h, w] = latents.shape;
  const s = vae.spatialFactor;
  // A generated clip may be the upper left part of what its latents show.
  const fits = Math.ceil(height / s) <= h && Math.ceil(width / s) <= w &&
    frames >= 1 && frames <= videoFrames(T, vae.temporalFactor);
  if (!fits) {
    throw new InputError(
      `latents [${latents.shape}] do not stand for ${frames} frames of ${width}×${height}`,
    );
  }
}

/** Lets signals and streams have their turn: tensor calls block. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
