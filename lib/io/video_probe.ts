/**
 * What a video file is, asked of ffmpeg (imageio's build brings no ffprobe).
 * @module
 */
import { EnvironmentError, InputError } from "../errors.ts";
import { startFfmpeg } from "./ffmpeg.ts";
import { readFailure } from "./failures.ts";
import { rateOfDelays } from "./frame_timing.ts";
import { GIF_UNIT, gifFacts, isGif } from "./gif.ts";
import { readBytes } from "./read_file.ts";
import { isWebp, WEBP_UNIT, webpFacts } from "./webp.ts";
import { readPacket } from "./xmp/mod.ts";

/** Facts of a video's first picture stream. */
export interface VideoFacts {
  /** Pixels as stored, before the file's rotation. */
  readonly width: number;
  /** See `width`. */
  readonly height: number;
  /** Frames a second. */
  readonly fps: number;
  /** Seconds; undefined where the container does not say. */
  readonly duration?: number;
  /** Codec's name, for example "h264". */
  readonly codec: string;
  /** Pixel format, for example "yuv420p". */
  readonly pixelFormat: string;
}

/**
 * Reads a video's facts. Throws {@linkcode InputError} for a missing, truncated or foreign file and
 * {@linkcode EnvironmentError} where ffmpeg is missing or dies.
 */
export async function probeVideo(path: string): Promise<VideoFacts> {
  const kind = await animationKind(path);
  if (kind === "webp") return await probeWebp(path);
  // Without an output ffmpeg describes the input and ends with an error; only the text counts.
  const { stderr, reason, killed } = await startFfmpeg(inputArguments(path)).end;
  if (killed) throw new EnvironmentError(`ffmpeg died while it read "${path}": ${reason}`);
  const line = /^\s*Stream #\S+.*?: Video: (.*)$/m.exec(stderr)?.[1];
  const size = line && /, (\d{1,6})x(\d{1,6})\b/.exec(line);
  if (!line || !size) {
    const why = /^Input #0/m.test(stderr)
      ? "it has no video stream"
      : /Format not on whitelist/.test(stderr)
      ? "it is no file of its own pictures, expected mp4, mov, webm, avi, gif or the like"
      : reason;
    throw new InputError(`cannot read "${path}" as a video: ${why}`);
  }
  const [hours, minutes, seconds] =
    /Duration: (\d+):(\d+):([\d.]+)/.exec(stderr)?.slice(1).map(Number) ?? [];
  return {
    width: Number(size[1]),
    height: Number(size[2]),
    fps: kind === "gif"
      ? rateOfDelays(gifFacts(path, await readBytes(path)).delays, GIF_UNIT)
      : exactRate(Number(/, ([\d.]+)(?=k? fps)/.exec(line)?.[1] ?? /([\d.]+) tbr/.exec(line)?.[1])),
    duration: hours === undefined ? undefined : hours * 3600 + minutes * 60 + seconds,
    codec: /^[\w-]+/.exec(line)?.[0] ?? "unknown",
    pixelFormat: /\b(?:yuv|rgb|gray|bgr|gbr|pal|ya|nv)\w*/.exec(line)?.[0] ?? "unknown",
  };
}

async function probeWebp(path: string): Promise<VideoFacts> {
  const { width, height, delays } = webpFacts(path, await readBytes(path));
  return {
    width,
    height,
    fps: rateOfDelays(delays, WEBP_UNIT),
    duration: delays.reduce((a, b) => a + b, 0) / WEBP_UNIT,
    codec: "webp",
    pixelFormat: "yuv420p",
  };
}

/** What a file is by its first bytes, where ffmpeg alone will not do. Errors as `probeVideo`. */
export async function animationKind(path: string): Promise<"gif" | "webp" | "other"> {
  await checkReadable(path);
  const head = new Uint8Array(32);
  try {
    using file = await Deno.open(path);
    if ((await file.read(head) ?? 0) < 21) return "other";
  } catch (error) {
    throw readFailure(path, error);
  }
  if (isGif(head)) return "gif";
  const extended = isWebp(head) && String.fromCharCode(...head.subarray(12, 16)) === "VP8X";
  return extended && (head[20] & 0x02) !== 0 ? "webp" : "other";
}

/**
 * The text that `writeVideo` stored as metadata, where isa4d keeps a generation's job: mp4's and
 * webm's `comment`, a gif's comment blocks, a webp's XMP description; undefined where there is none.
 * Errors as {@linkcode probeVideo}.
 */
export async function readVideoMetadata(path: string): Promise<string | undefined> {
  const kind = await animationKind(path);
  if (kind === "gif") return gifFacts(path, await readBytes(path)).comment;
  if (kind === "webp") {
    const { xmp } = webpFacts(path, await readBytes(path));
    return xmp === undefined ? undefined : readPacket(xmp)?.description;
  }
  return await readContainerTag(path, "comment");
}

/**
 * The text of a tag of the whole file, in mp4, mov, mkv and webm; undefined where there is none. Errors
 * as {@linkcode probeVideo}.
 */
export async function readContainerTag(path: string, name: string): Promise<string | undefined> {
  const args = ["-v", "error", ...inputArguments(path), "-f", "ffmetadata", "-"];
  const { child, end } = startFfmpeg(args, { stdout: "piped" });
  const [text, { ok, reason, killed }] = await Promise.all([
    new Response(child.stdout).text(),
    end,
  ]);
  if (killed) throw new EnvironmentError(`ffmpeg died while it read "${path}": ${reason}`);
  if (!ok) throw new InputError(`cannot read "${path}" as a video: ${reason}`);
  const tag = new RegExp(String.raw`^${name}=((?:[^\\\n]|\\[\s\S])*)`, "mi").exec(text)?.[1];
  return tag?.replace(/\\([\s\S])/g, "$1");
}

/** ffmpeg's `file:` prefix keeps names such as `-x.mp4` or `concat:y` from meaning something else. */
export function fileArgument(path: string): string {
  return `file:${path}`;
}

/**
 * Kinds of files that hold their pictures themselves. ffmpeg goes by a file's content: a playlist or
 * a list of parts under the name of a video would make it open whatever they name.
 */
const containers = [
  ...["mov", "matroska", "webm", "avi", "gif", "mpegts", "mpeg", "mpegvideo", "flv", "asf", "ogg"],
  ...["mxf", "nut", "ivf", "obu", "h264", "hevc", "m4v", "dv", "rm", "swf", "yuv4mpegpipe", "apng"],
  ...["png_pipe", "jpeg_pipe", "webp_pipe", "webp_anim", "bmp_pipe", "tiff_pipe"],
];

/** What makes ffmpeg read a user's file, and nothing else; `more` names further kinds of files. */
export function inputArguments(path: string, more: readonly string[] = []): string[] {
  return [
    ...["-format_whitelist", [...containers, ...more].join(","), "-protocol_whitelist", "file"],
    ...["-i", fileArgument(path)],
  ];
}

/** Our own line for what ffmpeg would say in several. */
export async function checkReadable(path: string): Promise<void> {
  try {
    using file = await Deno.open(path);
    const { size, isDirectory, isFile } = await file.stat();
    if (isDirectory) throw new Deno.errors.IsADirectory();
    if (isFile && size === 0) throw new InputError(`cannot read "${path}": the file is empty`);
  } catch (error) {
    throw readFailure(path, error);
  }
}

/** ffmpeg prints two decimals: 23.98 means 24000/1001. Throws for a file without a rate. */
function exactRate(printed: number): number {
  if (!(printed > 0)) return 1;
  const ntsc = Math.round(printed) * 1000 / 1001;
  const isNtsc = !Number.isInteger(printed) && Math.abs(printed - ntsc) < 0.006;
  return isNtsc ? ntsc : printed;
}
