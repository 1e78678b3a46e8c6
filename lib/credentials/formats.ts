/**
 * Which files can hold Content Credentials themselves.
 * @module
 */
import { extname } from "node:path";

const types: Readonly<Record<string, string>> = {
  ...{ png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", webp: "image/webp" },
  ...{ gif: "image/gif", tif: "image/tiff", tiff: "image/tiff", avif: "image/avif" },
  ...{ heic: "image/heic", mp4: "video/mp4", mov: "video/quicktime", m4v: "video/x-m4v" },
  avi: "video/avi",
};

/** Other pictures and videos; their credentials lie beside them. */
const foreign: Readonly<Record<string, string>> = { webm: "video/webm", mkv: "video/x-matroska" };

/** The MIME type of a file that can hold credentials, by its ending; undefined for any other. */
export function holdingType(path: string): string | undefined {
  return types[endingOf(path)];
}

/** The MIME type of a file by its ending. */
export function mediaType(path: string): string {
  return holdingType(path) ?? foreign[endingOf(path)] ?? "application/octet-stream";
}

function endingOf(path: string): string {
  return extname(path).slice(1).toLowerCase();
}
