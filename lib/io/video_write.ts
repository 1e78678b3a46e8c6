/**
 * Writing videos through an ffmpeg process.
 * @module
 */
import { EnvironmentError, InputError, IoError } from "../errors.ts";
import { atomicWrite, removeQuietly } from "./atomic.ts";
import { type FfmpegEnd, startFfmpeg } from "./ffmpeg.ts";
import { checkFps, checkSize, type Frames, type FrameStream, streamOf } from "./frames.ts";
import { fileArgument } from "./video_probe.ts";

/** How a video is written. */
export interface WriteVideoOptions {
  /** Frames a second; the frames' own rate unless told. */
  readonly fps?: number;
  /** Text stored under the container key `comment`, for example the job as JSON. */
  readonly metadata?: string;
  /** x264's constant rate factor: 0 keeps most, 51 least; 16 unless told. */
  readonly crf?: number;
}

/**
 * Writes an mp4, whole or not at all: H.264, yuv420p, BT.709, exactly the frames given at exactly the
 * rate given, its index in front.
 *
 * Throws {@linkcode InputError} for an odd width or height, no frames or a frame of another size,
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
  { fps, metadata, crf = 16 }: WriteVideoOptions = {},
): Promise<void> {
  const stream = "data" in video ? streamOf(video) : video;
  const rate = fps ?? stream.fps;
  checkFps(rate);
  checkSize(stream.width, stream.height);
  if (stream.width % 2 !== 0 || stream.height % 2 !== 0) {
    throw new InputError(
      `a video of ${stream.width}×${stream.height} cannot be H.264 yuv420p: width and height must be even`,
    );
  }
  const facts = await metadataFile(metadata);
  try {
    await atomicWrite(path, (part) =>
      encode(
        path,
        stream,
        encodeArguments(part, stream, {
          rate,
          facts,
          crf,
        }),
      ));
  } finally {
    if (facts !== undefined) await removeQuietly(facts);
  }
}

/** `fps` as the fraction that containers store: 23.976 is 24000/1001. */
export function fpsFraction(fps: number): string {
  const ntsc = Math.round(fps * 1.001);
  if (!Number.isInteger(fps) && Math.abs(fps - ntsc / 1.001) < 0.002) return `${ntsc * 1000}/1001`;
  return Number.isInteger(fps) ? `${fps}/1` : `${Math.round(fps * 1000)}/1000`;
}

function encodeArguments(
  part: string,
  { width, height }: FrameStream,
  { rate, facts, crf }: { rate: number; facts?: string; crf: number },
): string[] {
  return [
    ...["-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", `${width}x${height}`],
    ...["-framerate", fpsFraction(rate), "-i", "pipe:0"],
    ...facts === undefined ? [] : ["-f", "ffmetadata", "-i", fileArgument(facts)],
    ...["-map", "0:v", "-map_metadata", facts === undefined ? "-1" : "1"],
    ...[
      "-vf",
      "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int",
    ],
    ...["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"],
    ...["-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", String(crf), "-preset", "medium"],
    ...[
      "-fps_mode",
      "passthrough",
      "-movflags",
      "+faststart",
      "-f",
      "mp4",
      "-y",
      fileArgument(part),
    ],
  ];
}

/** A command line argument holds 128 KiB at most, so the text goes through a file. */
async function metadataFile(comment: string | undefined): Promise<string | undefined> {
  if (comment === undefined) return undefined;
  const path = await Deno.makeTempFile({ prefix: "isa4d-", suffix: ".ffmetadata" });
  await Deno.writeTextFile(
    path,
    `;FFMETADATA1\ncomment=${comment.replace(/[=;#\\\n]/g, "\\$&")}\n`,
  );
  return path;
}

async function encode(path: string, stream: FrameStream, args: string[]): Promise<void> {
  const { child, end, kill } = startFfmpeg(args, { stdin: "piped" });
  const writer = child.stdin.getWriter();
  try {
    await feed(path, stream, writer);
    await writer.close();
  } catch (error) {
    // ffmpeg that stops reading closes the pipe; its own words tell why.
    if (!(error instanceof Deno.errors.BrokenPipe)) {
      kill();
      await end;
      throw error;
    }
    const ending = await end;
    throw failure(path, { ...ending, ok: false }, error);
  }
  const ending = await end;
  if (!ending.ok) throw failure(path, ending);
}

async function feed(
  path: string,
  { width, height, frames }: FrameStream,
  writer: WritableStreamDefaultWriter<Uint8Array>,
): Promise<void> {
  const size = width * height * 3;
  let count = 0;
  for await (const frame of frames) {
    if (frame.length !== size) {
      throw new InputError(
        `frame ${count} of "${path}" has ${frame.length} bytes, expected ${size} (${width}×${height}×3)`,
      );
    }
    // `write` resolves when the pipe has taken the bytes, so a slow encoder holds the frames back.
    await writer.write(frame);
    count++;
  }
  if (count === 0) throw new InputError(`cannot write "${path}": a video needs at least 1 frame`);
}

function failure(path: string, { stderr, reason }: FfmpegEnd, cause?: unknown): Error {
  if (/No space left on device/i.test(stderr)) {
    return new IoError(`cannot write "${path}": the disk is full`, { cause });
  }
  if (/Permission denied/i.test(stderr)) {
    return new IoError(`cannot write "${path}": permission denied`, { cause });
  }
  if (/No such file or directory/i.test(stderr)) {
    return new IoError(`cannot write "${path}": its folder does not exist`, { cause });
  }
  if (/Read-only file system|File too large|Disk quota exceeded/i.test(stderr)) {
    return new IoError(`cannot write "${path}": ${reason}`, { cause });
  }
  return new EnvironmentError(`ffmpeg failed to write "${path}": ${reason}`, { cause });
}
