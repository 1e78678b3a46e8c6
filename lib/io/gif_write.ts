/**
 * Writing gifs: one palette for the whole clip, so that colours do not flicker, and error diffusion
 * that is taken anew only where the picture changes.
 * @module
 */
import { partPath, removeQuietly } from "./atomic.ts";
import { startFfmpeg } from "./ffmpeg.ts";
import type { FrameStream } from "./frames.ts";
import { frameDelays } from "./frame_timing.ts";
import { GIF_UNIT, withGifFacts } from "./gif.ts";
import { encodeFrames, encodingFailure, rawInput } from "./video_encode.ts";
import { fileArgument } from "./video_probe.ts";

/** Fills `part` with a looping gif; `path` is what errors call it. */
export async function writeGif(
  { path, part }: { readonly path: string; readonly part: string },
  stream: FrameStream,
  { rate, metadata, xmp }: {
    readonly rate: number;
    readonly metadata?: string;
    readonly xmp?: string;
  },
): Promise<void> {
  // The palette is known when the last frame is; until then the frames lie on disk, not in memory.
  const [spool, palette] = [partPath(`${path}.frames`), partPath(`${path}.palette`)];
  const input = { width: stream.width, height: stream.height, rate };
  try {
    const counted = counting(stream);
    await encodeFrames(path, counted.stream, [
      ...["-v", "error", ...rawInput("pipe:0", input)],
      ...["-filter_complex", "[0:v]split[frames][colours];[colours]palettegen[palette]"],
      ...["-map", "[frames]", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24"],
      ...["-y", fileArgument(spool)],
      ...["-map", "[palette]", "-frames:v", "1", "-c:v", "png", "-f", "image2pipe"],
      ...["-y", fileArgument(palette)],
    ]);
    const encoded = await startFfmpeg([
      ...["-v", "error", ...rawInput(fileArgument(spool), input)],
      ...["-f", "png_pipe", "-i", fileArgument(palette)],
      ...["-lavfi", "paletteuse=dither=sierra2_4a:diff_mode=rectangle"],
      ...["-fps_mode", "passthrough", "-loop", "0", "-f", "gif", "-y", fileArgument(part)],
    ]).end;
    if (!encoded.ok) throw encodingFailure(path, encoded);
    const delays = frameDelays(counted.count(), { fps: rate, unit: GIF_UNIT });
    const bytes = await Deno.readFile(part);
    await Deno.writeFile(part, withGifFacts(path, bytes, { delays, comment: metadata, xmp }));
  } finally {
    for (const file of [spool, palette]) await removeQuietly(file);
  }
}

function counting(stream: FrameStream): { stream: FrameStream; count: () => number } {
  let count = 0;
  const frames = (async function* () {
    for await (const frame of stream.frames) {
      count++;
      yield frame;
    }
  })();
  return { stream: { ...stream, frames }, count: () => count };
}
