/**
 * Writing pictures with opacity: ProRes 4444, VP9 with alpha, numbered PNG files.
 * @module
 */
import { extname } from "node:path";
import { InputError } from "../errors.ts";
import { atomicWrite, removeQuietly } from "./atomic.ts";
import { appendXmp, originTags, tagsFile } from "./container_tags.ts";
import type { Finish } from "./finish.ts";
import { checkFps, checkSize } from "./frames.ts";
import { encodeRgbaPng } from "./image_alpha.ts";
import { isSequencePattern, writeNumbered } from "./png_sequence.ts";
import { codecArguments } from "./video_codecs.ts";
import { checkedFrames, encodeFrames, rawInput } from "./video_encode.ts";
import { fileArgument } from "./video_probe.ts";
import type { Origin } from "./xmp/mod.ts";

/** Pictures with straight (not multiplied) opacity that arrive one by one. */
export interface RgbaStream {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Pictures a second. */
  readonly fps: number;
  /** Each rgba, [height, width, 4]. */
  readonly frames: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** What can hold opacity. */
export type AlphaContainer = "mov" | "webm" | "pictures";

/** What a path's name asks for; undefined for one that cannot hold opacity. */
export function alphaContainer(path: string): AlphaContainer | undefined {
  const ending = extname(path).slice(1).toLowerCase();
  if (isSequencePattern(path)) return ending === "png" ? "pictures" : undefined;
  return ending === "mov" || ending === "webm" ? ending : undefined;
}

/**
 * Writes pictures with opacity as the path's ending says, whole or not at all: `.mov` ProRes 4444
 * (10 bits, alpha of 16), `.webm` VP9 with alpha, `%04d.png` numbered from 1. Returns the paths.
 *
 * Throws {@linkcode InputError} for another ending, no frames or a frame of another size,
 * {@linkcode IoError} and {@linkcode EnvironmentError} as `writeVideo`.
 */
export async function writeAlpha(
  path: string,
  stream: RgbaStream,
  { metadata, origin, finish, replace }: {
    readonly metadata?: string;
    /** As `writeVideo` stores it. */
    readonly origin?: Origin;
    /** As `writeVideo` calls it; for numbered pictures once each. */
    readonly finish?: Finish;
    /** Removes numbered pictures of other numbers, as `writePngSequence`. */
    readonly replace?: boolean;
  } = {},
): Promise<string[]> {
  checkFps(stream.fps);
  checkSize(stream.width, stream.height);
  const container = alphaContainer(path);
  if (!container) {
    throw new InputError(
      `cannot write "${path}" with opacity: expected a name in .mov, .webm or numbered pictures such as %04d.png`,
    );
  }
  if (container === "pictures") {
    return await writeNumbered(path, encoded(path, stream, origin), { replace, finish });
  }
  await atomicWrite(path, async (part) => {
    const facts = await tagsFile({ comment: metadata, ...originTags(container, origin) });
    try {
      await encodeFrames(path, { ...stream, channels: 4 }, [
        ...["-v", "error"],
        ...rawInput("pipe:0", { ...stream, rate: stream.fps, channels: 4 }),
        ...facts === undefined ? [] : ["-f", "ffmetadata", "-i", fileArgument(facts)],
        ...["-map", "0:v", "-map_metadata", facts === undefined ? "-1" : "1"],
        ...codecArguments(container === "mov" ? "mov-alpha" : "webm-alpha"),
        ...["-fps_mode", "passthrough", "-y", fileArgument(part)],
      ]);
      if (origin) await appendXmp(part, { container, origin });
      await finish?.(part, path);
    } finally {
      if (facts !== undefined) await removeQuietly(facts);
    }
  });
  return [path];
}

async function* encoded(
  path: string,
  stream: RgbaStream,
  origin: Origin | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const data of checkedFrames(path, { ...stream, channels: 4 })) {
    yield await encodeRgbaPng({ ...stream, data }, { origin });
  }
}
