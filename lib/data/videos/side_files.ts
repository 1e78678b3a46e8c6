/**
 * Which files of a folder are videos, and which ones belong to a video.
 *
 * Beside `walk.mp4` may lie `walk.body.npz` (`.pkl`, `.json`; further persons `walk.body-2.npz` …),
 * `walk.camera.json` (`.txt`), `walk.mask.mp4` and `walk.background.mp4` (videos or pictures).
 * @module
 */
import { join } from "node:path";

const VIDEO = /\.(mp4|mov|m4v|mkv|webm|avi|gif|mpg|mpeg|ts|ogv|flv|wmv)$/i;
const PICTURE = /\.(png|jpe?g|webp|tiff?|avif)$/i;
const SIDE = /\.(body(?:-\d+)?|camera|mask|background)\.[^./]+$/i;

/** What a side file can be. */
export type SideKind = "body" | "camera" | "mask" | "background";

/** A file beside a video. */
export interface SideFile {
  readonly path: string;
  readonly kind: SideKind;
}

/** A video or picture and all files that are named after it; paths are relative to the folder. */
export interface FoundVideo {
  readonly path: string;
  readonly picture: boolean;
  readonly sides: readonly SideFile[];
}

/** What lies in a folder. */
export interface FoundFiles {
  /** Sorted by path. */
  readonly videos: readonly FoundVideo[];
  /** Side files of no video. */
  readonly strays: readonly string[];
}

/** Whether a path's name is a picture's. */
export function isPicture(path: string): boolean {
  return PICTURE.test(path);
}

/** Looks through `folder` and the folders in it; names that begin with a dot are passed over. */
export async function findVideos(folder: string): Promise<FoundFiles> {
  const paths = await listFiles(folder);
  const sides = new Map<string, SideFile[]>();
  const strays = new Set<string>();
  const mains = new Map<string, string[]>();
  for (const path of paths) {
    const side = SIDE.exec(path);
    if (side) {
      const kind = side[1].toLowerCase().replace(/-\d+$/, "") as SideKind;
      const stem = path.slice(0, side.index);
      sides.set(stem, [...sides.get(stem) ?? [], { path, kind }]);
      strays.add(path);
    } else if (VIDEO.test(path) || PICTURE.test(path)) {
      const stem = path.replace(/\.[^./]+$/, "");
      mains.set(stem, [...mains.get(stem) ?? [], path]);
    }
  }
  const videos = [...mains].flatMap(([stem, all]) =>
    all.map((path) => {
      const own = sides.get(stem) ?? [];
      for (const side of own) strays.delete(side.path);
      return { path, picture: PICTURE.test(path), sides: own };
    })
  );
  return { videos: videos.sort((a, b) => a.path < b.path ? -1 : 1), strays: [...strays] };
}

/** Relative paths of all files under `folder`, sorted. */
async function listFiles(folder: string, under: string = ""): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(folder, under))) {
    if (name.startsWith(".")) continue;
    const path = under === "" ? name : `${under}/${name}`;
    const folderToo = isDirectory ||
      (await Deno.stat(join(folder, path)).catch(() => undefined))?.isDirectory;
    if (folderToo) paths.push(...await listFiles(folder, path));
    else paths.push(path);
  }
  return paths.sort();
}
