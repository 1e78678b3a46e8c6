/**
 * The index of a folder of videos and pictures: what each file is, which files lie beside it, and
 * what was left out and why.
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { InputError } from "../../errors.ts";
import { readJson, writeJson } from "../../io/mod.ts";

/** What tells whether a file is the one that was checked. */
export interface FileStamp {
  /** Relative to the index's root, with `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** A file that is not used. */
export interface LeftOut {
  /** Relative to the index's root. */
  readonly path: string;
  /** One line. */
  readonly why: string;
}

/** A video, or a picture as a video of one frame, and the files beside it that fit it. */
export interface VideoEntry {
  /** Relative to the index's root. */
  readonly path: string;
  /** Pixels, as seen: rotation tags are obeyed. */
  readonly width: number;
  /** See `width`. */
  readonly height: number;
  /** 1 for a picture. */
  readonly frames: number;
  /** Frames a second. */
  readonly fps: number;
  /** Motions, one a person, as `loadMotion` takes them: relative paths, `#tid=N` where needed. */
  readonly body: readonly string[];
  /** Cameras; `motion`: the first body's file has its own. */
  readonly camera?: string;
  /** Video or picture, bright on the persons. */
  readonly mask?: string;
  /** Video or picture of the empty scene. */
  readonly background?: string;
}

/** What was found out about one video: an entry, or why there is none. */
export interface CheckedVideo {
  /** The video, then all files beside it. */
  readonly files: readonly FileStamp[];
  readonly entry?: VideoEntry;
  readonly leftOut: readonly LeftOut[];
}

/** Content of an index file. */
export interface VideoIndex {
  /** Tells the file from others. */
  readonly format: "isa4d-videos";
  /** Of the layout. */
  readonly version: 1;
  /** The folder that paths start from, relative to the index file. */
  readonly root: string;
  /** Whether all files of the folder had been seen. */
  readonly complete: boolean;
  /** In the order of their paths. */
  readonly videos: readonly CheckedVideo[];
}

const stamp = z.object({ path: z.string(), size: z.number(), modified: z.number() });
const leftOut = z.object({ path: z.string(), why: z.string() });
const entry = z.object({
  path: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
  frames: z.int().positive(),
  fps: z.number().positive(),
  body: z.array(z.string()),
  camera: z.string().optional(),
  mask: z.string().optional(),
  background: z.string().optional(),
});

const indexSchema: z.ZodType<VideoIndex> = z.object({
  format: z.literal("isa4d-videos"),
  version: z.literal(1),
  root: z.string(),
  complete: z.boolean(),
  videos: z.array(
    z.object({ files: z.array(stamp), entry: entry.optional(), leftOut: z.array(leftOut) }),
  ),
});

/** Name of an index that lies in the folder which it describes. */
export const VIDEO_INDEX_NAME = "videos.json";

/**
 * Reads an index. Throws {@linkcode InputError} for a file that is missing or none.
 */
export async function readVideoIndex(path: string): Promise<VideoIndex> {
  const result = indexSchema.safeParse(await readJson(path));
  if (result.success) return result.data;
  const { path: field, message } = result.error.issues[0];
  throw new InputError(
    `cannot use "${path}" as an index of videos: ${field.join(".") || "the file"}: ${message}`,
    { cause: result.error },
  );
}

/** Writes an index, whole or not at all. */
export async function writeVideoIndex(path: string, index: VideoIndex): Promise<void> {
  await writeJson(path, index);
}

/** Videos that can be used, with full paths. */
export interface VideoList {
  /** In the order of the index. */
  readonly entries: readonly VideoEntry[];
  /** The file that they come from. */
  readonly path: string;
}

/**
 * Opens an index file, or the one in a folder. Throws {@linkcode InputError} where there is none, where
 * indexing was broken off, and where it has no video that can be used.
 */
export async function openVideoIndex(fileOrFolder: string): Promise<VideoList> {
  const folder = (await Deno.stat(fileOrFolder).catch(() => undefined))?.isDirectory;
  const path = folder ? join(fileOrFolder, VIDEO_INDEX_NAME) : fileOrFolder;
  const { root, complete, videos } = await readVideoIndex(path);
  if (!complete) {
    throw new InputError(
      `"${path}" is not finished: run isa4d index again, it continues where it stopped`,
    );
  }
  const base = resolve(dirname(path), root);
  const entries = videos.flatMap(({ entry }) => entry ? [withRoot(entry, base)] : []);
  if (entries.length > 0) return { entries, path };
  throw new InputError(
    `"${path}" has no video that can be used: all ${videos.length} of "${
      basename(base)
    }" were left out`,
  );
}

function withRoot(entry: VideoEntry, base: string): VideoEntry {
  const full = (path: string | undefined) => path === undefined ? undefined : join(base, path);
  const { path, body, camera, mask, background } = entry;
  return {
    ...entry,
    path: join(base, path),
    body: body.map((spec) => join(base, spec)),
    camera: camera === "motion" ? camera : full(camera),
    mask: full(mask),
    background: full(background),
  };
}
