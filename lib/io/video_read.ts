/**
 * Reading videos through an ffmpeg process.
 * @module
 */
import { EnvironmentError, InputError } from "../errors.ts";
import { ByteReader } from "./byte_reader.ts";
import { type FfmpegEnd, type FfmpegProcess, startFfmpeg } from "./ffmpeg.ts";
import { checkFps, checkSize, type Fit, type Frames } from "./frames.ts";
import { animationKind, inputArguments, probeVideo } from "./video_probe.ts";
import { readWebpAnimation } from "./webp_read.ts";

/** What a reader of videos is asked for. */
export interface ReadVideoOptions {
  /** Size wanted; with one of the two the other follows the video's shape. */
  readonly width?: number;
  /** See `width`. */
  readonly height?: number;
  /** How the picture meets both: cut to cover (default), distorted, padded with black, or inside. */
  readonly fit?: Fit;
  /** Rate wanted: frames are dropped or repeated. Without it every stored frame comes once. */
  readonly fps?: number;
  /** Seconds that are left out at the beginning. Default 0. */
  readonly start?: number;
  /** Stop after so many frames. */
  readonly maxFrames?: number;
}

/** A video being decoded; its size is known once the first frame has been. */
export interface VideoReader {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Frames a second. */
  readonly fps: number;
  /** Each rgb24, [height, width, 3], a buffer of its own; to be read once. */
  readonly frames: AsyncGenerator<Uint8Array<ArrayBuffer>>;
}

/**
 * Starts to decode a video; frames come one by one, so memory stays flat (but an animated WebP is
 * decoded whole). Leaving the loop early ends ffmpeg. Rotation tags are obeyed.
 *
 * Throws {@linkcode InputError} for a missing, truncated or foreign file, {@linkcode EnvironmentError}
 * where ffmpeg is missing or dies, both also from within the loop.
 */
export async function openVideo(
  path: string,
  options: ReadVideoOptions = {},
): Promise<VideoReader> {
  if (options.fps !== undefined) checkFps(options.fps);
  const { maxFrames, start = 0 } = options;
  if (!(start >= 0 && start < Infinity)) {
    throw new InputError(`start is ${start} seconds, expected 0 or more`);
  }
  if (maxFrames !== undefined && !(Number.isInteger(maxFrames) && maxFrames >= 1)) {
    throw new InputError(`maxFrames is ${maxFrames}, expected a whole number of at least 1`);
  }
  if (await animationKind(path) === "webp") {
    const clip = await readWebpAnimation(path, { ...options, maxFrames: undefined });
    const first = Math.round(start * clip.fps);
    return { ...clip, frames: oneByOne(clip.frames.slice(first, first + (maxFrames ?? Infinity))) };
  }
  const facts = await probeVideo(path);
  checkSize(facts.width, facts.height, { path });
  const source = startFfmpeg(decodeArguments(path, options), { stdout: "piped" });
  const reader = new ByteReader(source.child.stdout);
  const size = await readPpmHeader(reader);
  if (size === undefined) {
    const end = await source.end;
    throw failure(path, end) ?? new InputError(`cannot read "${path}": it has no frames`);
  }
  // Frames that nobody comes for must not keep the program alive; when it ends, so does ffmpeg.
  source.keepAlive(false);
  const frames = decodeFrames({ path, source, reader, size });
  return { ...size, fps: options.fps ?? facts.fps, frames };
}

/** Reads a whole video, or its first `maxFrames`. Errors as {@linkcode openVideo}. */
export async function readVideo(path: string, options: ReadVideoOptions = {}): Promise<Frames> {
  const { width, height, fps, frames } = await openVideo(path, options);
  const list: Uint8Array[] = [];
  for await (const frame of frames) list.push(frame);
  const data = new Uint8Array(list.length * width * height * 3);
  list.forEach((frame, i) => data.set(frame, i * frame.length));
  return { width, height, count: list.length, fps, data };
}

async function* oneByOne<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

function decodeArguments(path: string, options: ReadVideoOptions): string[] {
  const { fps, maxFrames, start = 0 } = options;
  const filters = [...fps === undefined ? [] : [`fps=${fps}`], ...scaleFilters(options)];
  return [
    // Before the input: ffmpeg goes to the key frame before it and drops what lies between.
    ...["-v", "warning", ...start > 0 ? ["-ss", String(start)] : []],
    ...[...inputArguments(path), "-map", "0:v:0"],
    ...["-sws_flags", "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"],
    ...filters.length === 0 ? [] : ["-vf", filters.join(",")],
    ...fps === undefined ? ["-fps_mode", "passthrough"] : [],
    ...maxFrames === undefined ? [] : ["-frames:v", String(maxFrames)],
    // PPM carries each frame's size, so rotation and scaling need no second guess here.
    ...["-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24", "-"],
  ];
}

function scaleFilters({ width, height, fit = "cover" }: ReadVideoOptions): string[] {
  if (width === undefined && height === undefined) return [];
  checkSize(width ?? 1, height ?? 1);
  if (width === undefined || height === undefined) return [`scale=${width ?? -1}:${height ?? -1}`];
  const size = `${width}:${height}`;
  switch (fit) {
    case "fill":
      return [`scale=${size}`];
    case "inside":
      return [`scale=${size}:force_original_aspect_ratio=decrease`];
    case "contain":
      return [`scale=${size}:force_original_aspect_ratio=decrease`, `pad=${size}:-1:-1`];
    case "cover":
      return [`scale=${size}:force_original_aspect_ratio=increase`, `crop=${size}`];
  }
}

/** `P6`, size and 255, each on its own line; undefined at the end of the stream. */
async function readPpmHeader(
  reader: ByteReader,
): Promise<{ width: number; height: number } | undefined> {
  if (await reader.line() !== "P6") return undefined;
  const [width, height] = (await reader.line() ?? "").split(" ").map(Number);
  if (await reader.line() !== "255") return undefined;
  return { width, height };
}

interface Decoding {
  readonly path: string;
  readonly source: FfmpegProcess;
  readonly reader: ByteReader;
  readonly size: { readonly width: number; readonly height: number };
}

async function* decodeFrames(
  { path, source, reader, size }: Decoding,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let finished = false;
  source.keepAlive(true);
  try {
    do {
      const frame = new Uint8Array(size.width * size.height * 3);
      if (!await reader.fill(frame)) {
        throw failure(path, await source.end) ??
          new EnvironmentError(`ffmpeg ended within a frame of "${path}"`);
      }
      yield frame;
    } while (await readPpmHeader(reader) !== undefined);
    finished = true;
    const problem = failure(path, await source.end);
    if (problem) throw problem;
  } finally {
    if (!finished) source.kill();
    await reader.cancel();
    await source.end;
  }
}

/** Why ffmpeg's end is a failure; undefined where it is not. */
function failure(path: string, { ok, stderr, reason, killed }: FfmpegEnd): Error | undefined {
  if (killed) return new EnvironmentError(`ffmpeg died while it read "${path}": ${reason}`);
  if (!ok) return new InputError(`cannot read "${path}" as a video: ${reason}`);
  // A file cut short is decoded as far as it goes and called a success.
  if (/partial file|truncated|File ended prematurely/i.test(stderr)) {
    return new InputError(`cannot read "${path}": the file is truncated`);
  }
  return undefined;
}
