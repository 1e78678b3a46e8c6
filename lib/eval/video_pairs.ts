/**
 * Pairs of a result and the true video: found in folders, checked, and read side by side.
 * @module
 */
import { basename, extname, join } from "node:path";
import { InputError } from "../errors.ts";
import { openVideo, type ReadVideoOptions, type VideoReader } from "../io/mod.ts";
import type { FrameBatch } from "./frame_scores.ts";

/** A result, the true video, and a mask of what counts. */
export interface VideoPair {
  /** What the report calls it. */
  readonly name: string;
  readonly result: string;
  readonly truth: string;
  /** Video or image; white counts. */
  readonly mask?: string;
}

/** How pairs are read. */
export interface ReadPairOptions {
  /** Size that both are brought to, cut to cover it; without it the sizes must be equal. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Only so many frames from the start; both must have them. */
  readonly frames?: number;
  /** Whether frame rates may differ. Default false. */
  readonly ignoreFps?: boolean;
  /** Frames at once. Default 8. */
  readonly batch?: number;
}

const VIDEO = /\.(mp4|m4v|mov|webm|mkv|avi|gif|webp|y4m|mpg|mpeg|mts|m2ts|ts|ogv|flv|wmv|3gp)$/i;

/**
 * Videos of a folder by name without ending, sorted; what else lies there is named apart, for whoever
 * reads the folder to tell: records and hidden files are not.
 */
export async function videosIn(
  folder: string,
): Promise<{ readonly videos: ReadonlyMap<string, string>; readonly others: readonly string[] }> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) names.push(entry.name);
  } catch (cause) {
    throw new InputError(`cannot read "${folder}": there is no such folder`, { cause });
  }
  const videos = new Map<string, string>();
  for (const name of names.sort().filter((name) => VIDEO.test(name))) {
    const stem = basename(name, extname(name));
    const twin = videos.get(stem);
    if (twin) {
      throw new InputError(
        `"${folder}" has both "${
          basename(twin)
        }" and "${name}"; a video is paired by its name without ending`,
      );
    }
    videos.set(stem, join(folder, name));
  }
  if (videos.size === 0) throw new InputError(`"${folder}" holds no video`);
  // Records of how a video was made lie beside it.
  const others = names.filter((name) => !VIDEO.test(name) && !/^\.|\.json$/i.test(name));
  return { videos, others };
}

/**
 * The pairs of two videos or of two folders, where equal names belong together.
 *
 * @throws InputError where one has no partner: a set is never shortened
 */
export async function findPairs(
  { result, truth, mask }: Omit<VideoPair, "name">,
): Promise<VideoPair[]> {
  const folders = await Promise.all([result, truth].map(isFolder));
  if (folders[0] !== folders[1]) {
    throw new InputError(
      `"${result}" is ${kind(folders[0])}, "${truth}" is ${kind(folders[1])}; give two of a kind`,
    );
  }
  if (!folders[0]) {
    return [{ name: basename(result), result, truth, ...mask === undefined ? {} : { mask } }];
  }
  const results = (await videosIn(result)).videos;
  const truths = (await videosIn(truth)).videos;
  checkPartners([result, results], [truth, truths]);
  let masks: ReadonlyMap<string, string> | undefined;
  if (mask !== undefined) {
    if (!await isFolder(mask)) {
      throw new InputError(`"${mask}" is no folder; masks of a folder of videos lie in a folder`);
    }
    masks = (await videosIn(mask)).videos;
    checkPartners([result, results], [mask, masks]);
  }
  return [...results].map(([name, path]) => ({
    name,
    result: path,
    truth: truths.get(name)!,
    ...masks ? { mask: masks.get(name)! } : {},
  }));
}

type Named = readonly [folder: string, videos: ReadonlyMap<string, string>];

function checkPartners([folder, videos]: Named, [otherFolder, others]: Named): void {
  const alone = (some: Named[1], rest: Named[1], where: string): string[] => {
    const names = [...some.keys()].filter((name) => !rest.has(name));
    return names.length === 0 ? [] : [`only in "${where}": ${listed(names)}`];
  };
  const missing = [...alone(videos, others, folder), ...alone(others, videos, otherFolder)];
  if (missing.length > 0) throw new InputError(`videos without a partner, ${missing.join("; ")}`);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${name}"`).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

async function isFolder(path: string): Promise<boolean> {
  return await Deno.stat(path).then((facts) => facts.isDirectory, () => false);
}

function kind(folder: boolean): string {
  return folder ? "a folder" : "no folder";
}

/** A pair being read. */
export interface OpenPair {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Frames a second, of the true video. */
  readonly fps: number;
  /** To be read once. */
  readonly batches: AsyncGenerator<FrameBatch>;
}

/**
 * Opens both videos of a pair; batches come as they are decoded, so memory stays flat.
 *
 * @throws InputError for unequal sizes, rates or lengths, and for broken files; lengths also from
 *   within the loop, since a file need not tell its length
 */
export async function openPair(pair: VideoPair, options: ReadPairOptions = {}): Promise<OpenPair> {
  const paths = [pair.result, pair.truth, ...pair.mask === undefined ? [] : [pair.mask]];
  const readers: VideoReader[] = [];
  try {
    const asked: ReadVideoOptions = { ...options.size, maxFrames: options.frames };
    for (const path of paths) readers.push(await openVideo(path, asked));
    for (let i = 1; i < paths.length; i++) checkSameSize(paths, readers, i);
    if (!options.ignoreFps) checkSameRate(paths, readers);
  } catch (error) {
    for (const reader of readers) await reader.frames.return(undefined);
    throw error;
  }
  const { width, height } = readers[0];
  return { width, height, fps: readers[1].fps, batches: batches(paths, readers, options) };
}

function checkSameSize(
  paths: readonly string[],
  readers: readonly VideoReader[],
  other: number,
): void {
  const size = ({ width, height }: VideoReader): string => `${width}×${height}`;
  if (size(readers[0]) === size(readers[other])) return;
  throw new InputError(
    `"${paths[0]}" has frames of ${size(readers[0])}, "${paths[other]}" of ${
      size(readers[other])
    }; --size brings both to one size`,
  );
}

function checkSameRate(paths: readonly string[], readers: readonly VideoReader[]): void {
  const [a, b] = readers.map(({ fps }) => fps);
  // Containers round: 29.97 and 30000/1001 are the same rate.
  if (Math.abs(a - b) <= 0.005 * Math.max(a, b)) return;
  throw new InputError(
    `"${paths[0]}" has ${rounded(a)} frames a second, "${paths[1]}" has ${
      rounded(b)
    }; --ignore-fps compares them frame by frame all the same`,
  );
}

function rounded(fps: number): string {
  return String(Number(fps.toFixed(3)));
}

async function* batches(
  paths: readonly string[],
  readers: readonly VideoReader[],
  options: ReadPairOptions,
): AsyncGenerator<FrameBatch> {
  const { width, height } = readers[0];
  let done = 0;
  let still: Uint8Array | undefined;
  try {
    for (;;) {
      const parts = await Promise.all(
        readers.map(({ frames }) => take(frames, options.batch ?? 8)),
      );
      // A mask of one frame serves all.
      if (done === 0 && parts[2]?.length === 1) still = parts[2][0];
      if (still) parts[2] = parts[0].map(() => still!);
      const counts = parts.map(({ length }) => length);
      if (counts.some((count) => count !== counts[0])) {
        throw await unequalLengths(paths, readers, counts.map((count) => done + count));
      }
      if (counts[0] === 0) break;
      done += counts[0];
      const [result, truth, mask] = parts.map(joined);
      yield { count: counts[0], width, height, result, truth, ...mask ? { mask } : {} };
    }
    if (options.frames !== undefined && done < options.frames) {
      throw new InputError(
        `"${paths[0]}" has ${done} ${
          done === 1 ? "frame" : "frames"
        }, ${options.frames} are asked for`,
      );
    }
  } finally {
    for (const reader of readers) await reader.frames.return(undefined);
  }
}

async function take(
  frames: AsyncGenerator<Uint8Array<ArrayBuffer>>,
  most: number,
): Promise<Uint8Array[]> {
  const taken: Uint8Array[] = [];
  while (taken.length < most) {
    const { done, value } = await frames.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

/** Reads to the ends, so that the message can tell the lengths. */
async function unequalLengths(
  paths: readonly string[],
  readers: readonly VideoReader[],
  counts: number[],
): Promise<InputError> {
  for (const [i, { frames }] of readers.entries()) {
    for await (const _ of frames) counts[i]++;
  }
  const lengths = paths.map((path, i) => `"${path}" has ${counts[i]}`);
  return new InputError(`videos of unequal length: ${lengths.join(", ")} frames`);
}

function joined(frames: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const frame of frames) {
    all.set(frame, at);
    at += frame.length;
  }
  return all;
}
