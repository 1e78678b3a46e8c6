/**
 * Which containers there are and how their videos are encoded.
 * @module
 */
import { extname } from "node:path";
import { InputError } from "../errors.ts";

/** Containers that are written. */
export type VideoContainer = "mp4" | "webm" | "gif" | "webp";

const containers: readonly VideoContainer[] = ["mp4", "webm", "gif", "webp"];

/** The container that a path's ending names; undefined for any other ending. */
export function videoContainer(path: string): VideoContainer | undefined {
  const ending = extname(path).slice(1).toLowerCase();
  return containers.find((container) => container === ending);
}

/** Browsers play a gif picture of less than 2/100 s for 10/100 s. */
const MAX_GIF_FPS = 50;

/** Throws {@linkcode InputError} for a size or rate that the container cannot hold. */
export function checkContainer(
  path: string,
  container: VideoContainer,
  { width, height, rate }: { readonly width: number; readonly height: number; rate: number },
): void {
  if (container === "mp4" && (width % 2 !== 0 || height % 2 !== 0)) {
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

/** ffmpeg's arguments for what H.264, ProRes and VP9 files hold. */
export function codecArguments(
  container: "mp4" | "webm" | "webm-alpha" | "mov",
  crf?: number,
): string[] {
  if (container === "mov") {
    return [
      ...coloursAs("yuva444p10le"),
      ...["-c:v", "prores_ks", "-profile:v", "4444", "-alpha_bits", "16", "-vendor", "apl0"],
      ...["-f", "mov"],
    ];
  }
  if (container === "mp4") {
    return [
      ...coloursAs("yuv420p"),
      ...["-c:v", "libx264", "-crf", String(crf ?? 16), "-preset", "medium"],
      ...["-movflags", "+faststart", "-f", "mp4"],
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
