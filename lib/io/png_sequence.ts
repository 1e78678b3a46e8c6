/**
 * Videos as numbered PNG files.
 * @module
 */
import { InputError } from "../errors.ts";
import { commitPart, partPath, removeQuietly } from "./atomic.ts";
import { isSystemFailure, writeFailure } from "./failures.ts";
import { type Frames, type FrameStream, streamOf } from "./frames.ts";
import { encodePng } from "./image.ts";

/** True for a path with one number in it, such as `out/%04d.png`. */
export function isSequencePattern(path: string): boolean {
  return /%0?\d*d/.test(path);
}

/** `pattern` with its `%04d` replaced by `number`. */
export function sequencePath(pattern: string, number: number): string {
  return pattern.replace(
    /%(0?)(\d*)d/,
    (_, zero: string, width: string) =>
      String(number).padStart(Number(width), zero === "0" ? "0" : " "),
  );
}

/**
 * Writes each frame as a PNG under `pattern` (`out/%04d.png`), numbered from 1 as ffmpeg does. The
 * files get their names when all have been written. Returns their paths.
 *
 * Throws {@linkcode InputError} for a pattern without number or no frames, {@linkcode IoError} where
 * the disk refuses.
 */
export async function writePngSequence(
  pattern: string,
  video: Frames | FrameStream,
): Promise<string[]> {
  if (!isSequencePattern(pattern)) {
    throw new InputError(`"${pattern}" numbers no files, expected a name such as "%04d.png"`);
  }
  const { width, height, frames } = "data" in video ? streamOf(video) : video;
  const parts: { path: string; part: string }[] = [];
  try {
    for await (const data of frames) {
      const path = sequencePath(pattern, parts.length + 1);
      parts.push({ path, part: partPath(path) });
      const png = await encodePng({ width, height, count: 1, fps: 1, data });
      await Deno.writeFile(parts.at(-1)!.part, png, { createNew: true });
    }
    if (parts.length === 0) throw new InputError(`cannot write "${pattern}": no frames`);
    for (const { path, part } of parts) await commitPart(part, path);
  } catch (error) {
    for (const { part } of parts) await removeQuietly(part);
    throw isSystemFailure(error) ? writeFailure(pattern, error) : error;
  }
  return parts.map(({ path }) => path);
}
