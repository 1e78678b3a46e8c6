/**
 * Uncompressed video on a stream, for pipes to other programs.
 *
 * y4m is written as 4:4:4 in BT.601 limited range: that is what ffmpeg takes an untagged y4m for, it
 * loses no colour resolution and it allows odd sizes. Values come back within 2 of 255.
 * @module
 */
import { InputError } from "../errors.ts";
import { checkFps, checkSize, type Frames, type FrameStream, streamOf } from "./frames.ts";
import { fpsFraction } from "./video_encode.ts";

/** What the stream carries. */
export type RawFormat = "y4m" | "rgb24";

/** How a raw stream ended. */
export interface RawStreamEnd {
  /** Frames written in whole. */
  readonly frames: number;
  /** True where the reader went away before the end, which is no failure. */
  readonly closed: boolean;
}

/**
 * Writes a video through `write`, waiting for each piece to be taken. A `write` that rejects with
 * Deno.errors.BrokenPipe ends it quietly: no further frame is asked for. Other errors pass through;
 * {@linkcode InputError} for a frame of another size.
 */
export async function writeRawStream(
  write: (bytes: Uint8Array) => Promise<void>,
  video: Frames | FrameStream,
  { format, fps }: { format: RawFormat; fps?: number },
): Promise<RawStreamEnd> {
  const { width, height, frames, fps: own } = "data" in video ? streamOf(video) : video;
  checkSize(width, height);
  checkFps(fps ?? own);
  let count = 0;
  try {
    if (format === "y4m") await write(y4mHeader(width, height, fps ?? own));
    for await (const frame of frames) {
      if (frame.length !== width * height * 3) {
        throw new InputError(
          `frame ${count} has ${frame.length} bytes, expected ${width * height * 3}`,
        );
      }
      await write(format === "y4m" ? y4mFrame(frame) : frame);
      count++;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    return { frames: count, closed: true };
  }
  return { frames: count, closed: false };
}

function y4mHeader(width: number, height: number, fps: number): Uint8Array {
  const rate = fpsFraction(fps).replace("/", ":");
  return new TextEncoder().encode(
    `YUV4MPEG2 W${width} H${height} F${rate} Ip A1:1 C444 XCOLORRANGE=LIMITED\n`,
  );
}

const frameMark = new TextEncoder().encode("FRAME\n");

/** BT.601, limited range: Y 16–235, Cb and Cr 16–240 around 128. */
function y4mFrame(rgb: Uint8Array): Uint8Array {
  const n = rgb.length / 3;
  const out = new Uint8Array(frameMark.length + rgb.length);
  out.set(frameMark);
  const [y, u, v] = [0, n, 2 * n].map((at) => out.subarray(frameMark.length + at));
  for (let i = 0, j = 0; i < n; i++) {
    const r = rgb[j++];
    const g = rgb[j++];
    const b = rgb[j++];
    y[i] = Math.round(16 + 0.256788 * r + 0.504129 * g + 0.097906 * b);
    u[i] = Math.round(128 - 0.148223 * r - 0.290993 * g + 0.439216 * b);
    v[i] = Math.round(128 + 0.439216 * r - 0.367788 * g - 0.071427 * b);
  }
  return out;
}
