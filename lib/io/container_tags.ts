/**
 * Text beside the pictures of a coded video: ffmpeg's tags, and XMP where the container has a place.
 * @module
 */
import { removeQuietly, temporaryFile } from "./atomic.ts";
import type { CodedContainer } from "./video_codecs.ts";
import { digitalSourceType, type Origin, xmpBox, xmpPacket } from "./xmp/mod.ts";

/**
 * A file of tags for ffmpeg, which the caller removes; undefined where there are none. A command line
 * argument would hold 128 KiB at most.
 */
export async function tagsFile(
  tags: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const lines = Object.entries(tags).flatMap(([name, text]) =>
    text === undefined ? [] : [`${name}=${text.replace(/[=;#\\\n]/g, "\\$&")}\n`]
  );
  if (lines.length === 0) return undefined;
  const path = temporaryFile(".ffmetadata");
  try {
    await Deno.writeTextFile(path, [";FFMETADATA1\n", ...lines].join(""));
  } catch (error) {
    await removeQuietly(path);
    throw error;
  }
  return path;
}

/** Matroska has no place for XMP: how the video came to be stands in tags there. */
export function originTags(
  container: CodedContainer,
  origin: Origin | undefined,
): Readonly<Record<string, string>> {
  if (!origin || hasBoxes(container)) return {};
  return {
    digital_source_type: digitalSourceType(origin.sourceType),
    xmp: xmpPacket({ origin }),
  };
}

/** Puts XMP behind the boxes of a whole mp4 or mov; does nothing to other containers. */
export async function appendXmp(
  path: string,
  { container, origin }: { readonly container: CodedContainer; readonly origin: Origin },
): Promise<void> {
  if (!hasBoxes(container)) return;
  await Deno.writeFile(path, xmpBox(xmpPacket({ origin })), { append: true });
}

function hasBoxes(container: CodedContainer): boolean {
  return container === "mp4" || container === "mov";
}
