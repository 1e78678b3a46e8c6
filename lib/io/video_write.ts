/**
 * Writing videos through an ffmpeg process.
 * @module
 */
import { InputError } from "../errors.ts";
import { atomicWrite, removeQuietly } from "./atomic.ts";
import { checkFps, checkSize, type Frames, type FrameStream, streamOf } from "./frames.ts";
import { writeGif } from "./gif_write.ts";
import { checkContainer, codecArguments, videoContainer } from "./video_codecs.ts";
import { encodeFrames, rawInput } from "./video_encode.ts";
import { fileArgument } from "./video_probe.ts";
import { writeWebp } from "./webp_write.ts";

/** How a video is written. */
export interface WriteVideoOptions {
  /** Frames a second; the frames' own rate unless told. */
  readonly fps?: number;
  /**
   * Text stored in the container, for example the job as JSON: as `comment` in mp4 and webm, as
   * comment blocks in a gif, as XMP's description in a webp.
   */
  readonly metadata?: string;
  /** Constant rate factor, less keeps more: x264's 0 to 51 (16 unless told), VP9's 0 to 63 (20). */
  readonly crf?: number;
}

/**
 * Writes a video as its path's ending says, whole or not at all, exactly the frames given at the rate
 * given. `.mp4`: H.264, its index in front; `.webm`: VP9, both yuv420p in BT.709; `.gif`: one palette,
 * loops; `.webp`: an animation, loops. A gif counts time in 1/100 s and a webp in 1/1000 s: each frame
 * begins at its time rounded to that, and at most 50 frames a second are a gif's.
 *
 * Throws {@linkcode InputError} for another ending, an odd width or height of an mp4, no frames or a
 * frame of another size,
 * {@linkcode IoError} where the disk refuses, {@linkcode EnvironmentError} where ffmpeg is missing or
 * dies; what the frames' own iterator throws passes through.
 *
 * @example
 * ```ts
 * import { readVideo, writeVideo } from "./mod.ts";
 * const path = await Deno.makeTempFile({ suffix: ".mp4" });
 * const data = new Uint8Array(9 * 64 * 48 * 3).fill(128); // nine grey frames
 * await writeVideo(path, { width: 64, height: 48, count: 9, fps: 8, data });
 * const { count } = await readVideo(path, { width: 32, height: 32 }); // 9
 * await Deno.remove(path);
 * ```
 */
export async function writeVideo(
  path: string,
  video: Frames | FrameStream,
  { fps, metadata, crf }: WriteVideoOptions = {},
): Promise<void> {
  const stream = "data" in video ? streamOf(video) : video;
  const rate = fps ?? stream.fps;
  checkFps(rate);
  checkSize(stream.width, stream.height);
  const container = videoContainer(path);
  if (!container) {
    throw new InputError(`cannot write "${path}": expected a name in .mp4, .webm, .gif or .webp`);
  }
  checkContainer(path, container, { ...stream, rate });
  const facts = { rate, metadata };
  await atomicWrite(path, async (part) => {
    if (container === "gif") await writeGif({ path, part }, stream, facts);
    else if (container === "webp") await writeWebp({ path, part }, stream, facts);
    else await writeCoded({ path, part, container }, stream, { ...facts, crf });
  });
}

/** Fills `part` with an mp4 or webm. */
async function writeCoded(
  { path, part, container }: { path: string; part: string; container: "mp4" | "webm" },
  stream: FrameStream,
  { rate, metadata, crf }: { rate: number; metadata?: string; crf?: number },
): Promise<void> {
  const facts = await metadataFile(metadata);
  try {
    await encodeFrames(path, stream, [
      ...["-v", "error", ...rawInput("pipe:0", { ...stream, rate })],
      ...facts === undefined ? [] : ["-f", "ffmetadata", "-i", fileArgument(facts)],
      ...["-map", "0:v", "-map_metadata", facts === undefined ? "-1" : "1"],
      ...codecArguments(container, crf),
      ...["-fps_mode", "passthrough", "-y", fileArgument(part)],
    ]);
  } finally {
    if (facts !== undefined) await removeQuietly(facts);
  }
}

/** A command line argument holds 128 KiB at most, so the text goes through a file. */
export async function metadataFile(comment: string | undefined): Promise<string | undefined> {
  if (comment === undefined) return undefined;
  const path = await Deno.makeTempFile({ prefix: "isa4d-", suffix: ".ffmetadata" });
  await Deno.writeTextFile(
    path,
    `;FFMETADATA1\ncomment=${comment.replace(/[=;#\\\n]/g, "\\$&")}\n`,
  );
  return path;
}
