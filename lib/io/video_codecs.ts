/**
 * Which containers there are and how their videos are encoded.
 * @module
 */
import { extname } from "node:path";
import { InputError } from "../errors.ts";

/** Containers of coded video, which may hold sound. */
export type CodedContainer = "mp4" | "mov" | "mkv" | "webm";

/** Containers that are written. */
export type VideoContainer = CodedContainer | "gif" | "webp";

const containers: readonly VideoContainer[] = ["mp4", "mov", "mkv", "webm", "gif", "webp"];

/** Endings of the containers, as messages list them. */
export const videoEndings = ".mp4, .mov, .mkv, .webm, .gif or .webp";

/** The container that a path's ending names; undefined for any other ending. */
export function videoContainer(path: string): VideoContainer | undefined {
  const ending = extname(path).slice(1).toLowerCase();
  return containers.find((container) => container === ending);
}

/** Whether a container holds H.264 here. */
function isH264(container: VideoContainer): container is "mp4" | "mov" | "mkv" {
  return container === "mp4" || container === "mov" || container === "mkv";
}

/** Whether a container is coded by a constant rate factor and may hold sound. */
export function isCoded(container: VideoContainer): container is CodedContainer {
  return isH264(container) || container === "webm";
}

/** The largest constant rate factor of a container's codec. */
export function maxCrf(container: CodedContainer): number {
  return container === "webm" ? 63 : 51;
}

/** Browsers play a gif picture of less than 2/100 s for 10/100 s. */
const MAX_GIF_FPS = 50;

/** Throws {@linkcode InputError} for a size or rate that the container cannot hold. */
export function checkContainer(
  path: string,
  container: VideoContainer,
  { width, height, rate }: { readonly width: number; readonly height: number; rate: number },
): void {
  if (isH264(container) && (width % 2 !== 0 || height % 2 !== 0)) {
    throw new InputError(
      `a video of ${width}×${height} cannot be H.264 yuv420p: width and height must be even`,
    );
  }
  if (container === "gif" && rate > MAX_GIF_FPS) {
    throw new InputError(
      `cannot write "${path}": ${rate} frames a second, a gif plays at most ${MAX_GIF_FPS}; give a lower rate or name a .webm`,
    );
  }
  if (container === "webp" && Math.max(width, height) > 16383) {
    throw new InputError(`cannot write "${path}": ${width}×${height}, a webp has at most 16383`);
  }
}

/** BT.709 in limited range, and said so in the file. */
const coloursAs = (pixelFormat: string): readonly string[] => [
  ...[
    "-vf",
    "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int",
  ],
  ...["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"],
  ...["-pix_fmt", pixelFormat],
];

/** QuickTime's own comments end at 64 KiB, so that a mov has the job among its metadata keys. */
const muxers = {
  mp4: ["-movflags", "+faststart", "-f", "mp4"],
  mov: ["-movflags", "+faststart+use_metadata_tags", "-f", "mov"],
  mkv: ["-f", "matroska"],
} as const;

/** ffmpeg's arguments for an mp4 that is written from front to end, for pipes; `delay_moov` keeps sound in step. */
export const fragmentedMp4 = [
  ...["-movflags", "frag_keyframe+delay_moov+default_base_moof", "-f", "mp4"],
] as const;

/** ffmpeg's arguments for what H.264, ProRes and VP9 files hold. */
export function codecArguments(
  container: CodedContainer | "webm-alpha" | "mov-alpha",
  crf?: number,
): string[] {
  if (container === "mov-alpha") {
    return [
      ...coloursAs("yuva444p10le"),
      ...["-c:v", "prores_ks", "-profile:v", "4444", "-alpha_bits", "16", "-vendor", "apl0"],
      ...["-f", "mov"],
    ];
  }
  if (container === "mp4" || container === "mov" || container === "mkv") {
    return [
      ...coloursAs("yuv420p"),
      ...["-c:v", "libx264", "-crf", String(crf ?? 16), "-preset", "medium"],
      ...muxers[container],
    ];
  }
  const alpha = container === "webm-alpha";
  return [
    ...coloursAs(alpha ? "yuva420p" : "yuv420p"),
    // libvpx's hidden frames would lose their alpha.
    ...alpha ? ["-auto-alt-ref", "0"] : [],
    ...["-c:v", "libvpx-vp9", "-crf", String(crf ?? 20), "-b:v", "0"],
    ...["-deadline", "good", "-cpu-used", "2", "-row-mt", "1", "-f", "webm"],
  ];
}
