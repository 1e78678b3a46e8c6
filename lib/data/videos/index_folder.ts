/**
 * Indexes a folder: what was checked before and has not changed is not read again.
 * @module
 */
import { dirname, join, relative, resolve } from "node:path";
import { InputError } from "../../errors.ts";
import { checkVideo } from "./check_video.ts";
import {
  type CheckedVideo,
  type FileStamp,
  readVideoIndex,
  type VideoIndex,
  writeVideoIndex,
} from "./index_file.ts";
import { findVideos, type FoundVideo } from "./side_files.ts";

/** What is indexed, and how. */
export interface IndexVideosOptions {
  /** The folder of videos. */
  readonly folder: string;
  /** The index file, made or brought up to date. */
  readonly out: string;
  /** Videos that are checked at once. Default 2. */
  readonly jobs?: number;
  /** Stops between two videos; what was checked is kept. */
  readonly signal?: AbortSignal;
  /** Told after each video; `fresh` ones were read, the others were known. */
  readonly onVideo?: (
    progress: { readonly done: number; readonly of: number; readonly fresh: number },
  ) => void;
}

/** An index, and what it took. */
export interface IndexedVideos {
  readonly index: VideoIndex;
  /** Videos that were read; the others had not changed. */
  readonly fresh: number;
}

/** Milliseconds between two savings of an unfinished index. */
const SAVE_EVERY_MS = 10_000;

/**
 * Checks every video and picture under `folder` and the files beside them, and writes the index. It is
 * saved while it grows: a call that was broken off is made again and goes on.
 *
 * @throws {InputError} for a folder that cannot be read, or without any video
 * @throws {IoError} where the disk refuses the index
 */
export async function indexVideos(options: IndexVideosOptions): Promise<IndexedVideos> {
  const { folder, out, jobs = 2, signal, onVideo } = options;
  const { videos, strays } = await findVideos(folder).catch((cause) => {
    throw new InputError(`cannot read the folder "${folder}"`, { cause });
  });
  if (videos.length === 0) throw new InputError(`no videos and no pictures in "${folder}"`);
  const root = relative(dirname(resolve(out)), resolve(folder)) || ".";
  const known = await readKnown(out, root);
  const checked: (CheckedVideo | undefined)[] = [];
  let [done, fresh, saved] = [0, 0, performance.now()];
  const indexOf = (complete: boolean): VideoIndex => ({
    format: "isa4d-videos",
    version: 1,
    root,
    complete,
    videos: [...checked.filter((video) => video !== undefined), ...strayList(complete, strays)],
  });
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < videos.length && !signal?.aborted) {
      const at = next++;
      const files = await stampsOf(folder, videos[at]);
      const before = known.get(videos[at].path);
      if (before && JSON.stringify(before.files) === JSON.stringify(files)) checked[at] = before;
      else {
        checked[at] = { files, ...await checkVideo(folder, videos[at]) };
        fresh++;
      }
      done++;
      onVideo?.({ done, of: videos.length, fresh });
      if (performance.now() - saved > SAVE_EVERY_MS) {
        saved = performance.now();
        await writeVideoIndex(out, indexOf(false));
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  const index = indexOf(done === videos.length);
  await writeVideoIndex(out, index);
  signal?.throwIfAborted();
  return { index, fresh };
}

/** Side files whose video is missing. */
function strayList(complete: boolean, strays: readonly string[]): CheckedVideo[] {
  if (!complete) return [];
  return strays.map((path) => ({ files: [], leftOut: [{ path, why: "no video of its name" }] }));
}

/** What an older index of the same folder says, by path. */
async function readKnown(path: string, root: string): Promise<Map<string, CheckedVideo>> {
  if (!await Deno.stat(path).catch(() => undefined)) return new Map();
  const index = await readVideoIndex(path);
  if (index.root !== root) {
    throw new InputError(
      `"${path}" is the index of another folder, "${index.root}"; expected another file`,
    );
  }
  return new Map(
    index.videos.filter(({ files }) => files.length > 0).map((video) => [
      video.files[0].path,
      video,
    ]),
  );
}

/** The video and all files beside it as they are now. */
async function stampsOf(folder: string, { path, sides }: FoundVideo): Promise<FileStamp[]> {
  const paths = [path, ...sides.map((side) => side.path)];
  return await Promise.all(paths.map(async (path) => {
    const facts = await Deno.stat(join(folder, path)).catch(() => undefined);
    return { path, size: facts?.size ?? -1, modified: facts?.mtime?.getTime() ?? 0 };
  }));
}
