/**
 * Writing videos through an ffmpeg process.
 * @module
 */
import { InputError } from "../errors.ts";
import { atomicWrite, removeQuietly } from "./atomic.ts";
import { appendXmp, originTags, tagsFile } from "./container_tags.ts";
import type { Finish } from "./finish.ts";
import { checkFps, checkSize, type Frames, type FrameStream, streamOf } from "./frames.ts";
import { writeGif } from "./gif_write.ts";
import { type Sound, soundArguments, soundInput } from "./sound.ts";
import {
  checkContainer,
  codecArguments,
  type CodedContainer,
  fragmentedMp4,
  videoContainer,
  videoEndings,
} from "./video_codecs.ts";
import { encodeFrames, rawInput } from "./video_encode.ts";
import { fileArgument } from "./video_probe.ts";
import { writeWebp } from "./webp_write.ts";
import { type Origin, xmpBox, xmpPacket } from "./xmp/mod.ts";

/** How a video is written. */
export interface WriteVideoOptions {
  /** Frames a second; the frames' own rate unless told. */
  readonly fps?: number;
  /**
   * Text stored in the container, for example the job as JSON: as `comment` in mp4, mov, mkv and webm, as
   * comment blocks in a gif, as XMP's description in a webp.
   */
  readonly metadata?: string;
  /** How the video came to be, stored as XMP, for mkv and webm as their tags. */
  readonly origin?: Origin;
  /** Works on the finished file, for example signs it, before it gets its name. */
  readonly finish?: Finish;
  /** Constant rate factor, less keeps more: x264's 0 to 51 (16 unless told), VP9's 0 to 63 (20). */
  readonly crf?: number;
  /** Sound, as AAC or, in a webm, Opus; a gif and a webp have none. */
  readonly sound?: Sound;
}

/**
 * Writes a video as its path's ending says, whole or not at all, exactly the frames given at the rate
 * given. `.mp4`, `.mov` and `.mkv`: H.264, an mp4's and mov's index in front; `.webm`: VP9, all yuv420p
 * in BT.709; `.gif`: one palette,
 * loops; `.webp`: an animation, loops. A gif counts time in 1/100 s and a webp in 1/1000 s: each frame
 * begins at its time rounded to that, and at most 50 frames a second are a gif's.
 *
 * Throws {@linkcode InputError} for another ending, an odd width or height of H.264, no frames or a
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
  { fps, metadata, origin, finish, crf, sound }: WriteVideoOptions = {},
): Promise<void> {
  const stream = "data" in video ? streamOf(video) : video;
  const rate = fps ?? stream.fps;
  checkFps(rate);
  checkSize(stream.width, stream.height);
  const container = videoContainer(path);
  if (!container) {
    throw new InputError(`cannot write "${path}": expected a name in ${videoEndings}`);
  }
  checkContainer(path, container, { ...stream, rate });
  await atomicWrite(path, async (part) => {
    if (container === "gif") {
      const xmp = origin && xmpPacket({ origin });
      await writeGif({ path, part }, stream, { rate, metadata, xmp });
    } else if (container === "webp") {
      const marked = metadata !== undefined || origin !== undefined;
      const xmp = marked ? xmpPacket({ description: metadata, origin }) : undefined;
      await writeWebp({ path, part }, stream, { rate, xmp });
    } else {
      const target = { path, target: [fileArgument(part)] };
      await writeCoded(target, stream, { rate, metadata, origin, crf, sound, container });
      if (origin) await appendXmp(part, { container, origin });
    }
    await finish?.(part, path);
  });
}

/**
 * Writes a video through `write` as an mp4 in fragments, front to end, so that it can go through a
 * pipe; there is no file to finish. A `write` that rejects with Deno.errors.BrokenPipe ends it quietly. Errors as
 * {@linkcode writeVideo}.
 */
export async function writeMp4Stream(
  write: (bytes: Uint8Array) => Promise<void>,
  stream: FrameStream,
  options: Omit<WriteVideoOptions, "finish"> = {},
): Promise<void> {
  const path = "stdout";
  const rate = options.fps ?? stream.fps;
  checkFps(rate);
  checkContainer(path, "mp4", { ...stream, rate });
  try {
    const facts = { ...options, rate, container: "mp4" } as const;
    await writeCoded({ path, target: ["pipe:1"], fragmented: true, write }, stream, facts);
    if (options.origin) await write(xmpBox(xmpPacket({ origin: options.origin })));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** Where a coded video goes. */
interface CodedTarget {
  /** What errors name. */
  readonly path: string;
  /** ffmpeg's last arguments. */
  readonly target: readonly string[];
  readonly fragmented?: boolean;
  readonly write?: (bytes: Uint8Array) => Promise<void>;
}

async function writeCoded(
  { path, target, fragmented, write }: CodedTarget,
  stream: FrameStream,
  { rate, metadata, origin, crf, sound, container }: WriteVideoOptions & {
    readonly rate: number;
    readonly container: CodedContainer;
  },
): Promise<void> {
  const facts = await tagsFile({ comment: metadata, ...originTags(container, origin) });
  const soundAt = facts === undefined ? 1 : 2;
  try {
    await encodeFrames(path, stream, [
      ...["-v", "error", ...rawInput("pipe:0", { ...stream, rate })],
      ...facts === undefined ? [] : ["-f", "ffmetadata", "-i", fileArgument(facts)],
      ...sound ? soundInput(sound) : [],
      ...["-map", "0:v", "-map_metadata", facts === undefined ? "-1" : "1"],
      ...sound ? soundArguments(container, { input: soundAt, seconds: sound.seconds }) : [],
      ...codecArguments(container, crf),
      ...fragmented ? fragmentedMp4 : [],
      ...["-fps_mode", "passthrough", "-y", ...target],
    ], write);
  } finally {
    if (facts !== undefined) await removeQuietly(facts);
  }
}
