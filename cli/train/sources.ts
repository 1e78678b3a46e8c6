/**
 * `--data` and `--validation` of the trainings: data sets of `isa4d synth`, indexes of videos, folders
 * of videos, each with a share of the draws.
 * @module
 */
import { join } from "node:path";
import {
  indexVideos,
  openDataset,
  openVideoIndex,
  readWindow,
  readWindowMask,
  sizeAtSide,
  type SynthClip,
  VIDEO_INDEX_NAME,
} from "../../lib/data/mod.ts";
import { UsageError } from "../../lib/errors.ts";
import type { MaskedClip, Ranks } from "../../lib/train/mod.ts";
import type { Context } from "../support/context.ts";

/** One `--data`. */
export type TrainSource =
  & { readonly share: number; readonly name: string }
  & (
    | { readonly kind: "dataset"; readonly folder: string }
    | { readonly kind: "videos"; readonly path: string }
  );

/** What {@linkcode findSources} needs besides. */
export interface SourcesContext {
  readonly context: Context;
  readonly ranks: Ranks;
  /** The run's folder, where folders of videos without an index get one. */
  readonly out: string;
  readonly signal: AbortSignal;
}

/** Finds out what each of `paths` is; folders without an index are indexed, in rank 0. */
export async function findSources(
  paths: readonly string[],
  { context, ranks, out, signal }: SourcesContext,
): Promise<TrainSource[]> {
  const sources: TrainSource[] = [];
  for (const name of paths) {
    const { path, share } = await parseSource(name, context);
    const facts = await Deno.stat(path).catch(() => undefined);
    if (!facts?.isDirectory) sources.push({ kind: "videos", path, share, name });
    else if (await isFile(join(path, "index.json"))) {
      sources.push({ kind: "dataset", folder: path, share, name });
    } else if (await isFile(join(path, VIDEO_INDEX_NAME))) {
      sources.push({ kind: "videos", path: join(path, VIDEO_INDEX_NAME), share, name });
    } else {
      const index = join(out, `videos-${await shortHash(path)}.json`);
      if (ranks.rank === 0) await makeIndex(path, index, { context, signal });
      await ranks.barrier();
      sources.push({ kind: "videos", path: index, share, name });
    }
  }
  return sources;
}

/** `path@share`; a path that exists as it is has share 1. */
async function parseSource(
  given: string,
  context: Context,
): Promise<{ readonly path: string; readonly share: number }> {
  const whole = context.path(given);
  const match = /^(.+)@([\d.]+)$/.exec(given);
  if (!match || await Deno.stat(whole).catch(() => undefined)) return { path: whole, share: 1 };
  const share = Number(match[2]);
  if (!(share > 0)) throw new UsageError(`--data "${given}": its share is not above 0`);
  return { path: context.path(match[1]), share };
}

/** The path of a source, for whoever needs only that. */
export function withoutShare(given: string | undefined): string | undefined {
  return given?.replace(/(?<=.)@[\d.]+$/, "");
}

async function makeIndex(
  folder: string,
  out: string,
  { context, signal }: Pick<SourcesContext, "context" | "signal">,
): Promise<void> {
  await Deno.mkdir(join(out, ".."), { recursive: true });
  const { index } = await indexVideos({ folder, out, signal });
  const leftOut = index.videos.flatMap((video) => video.leftOut);
  const usable = index.videos.filter(({ entry }) => entry).length;
  context.event(
    "index",
    { folder, videos: usable, leftOut },
    `${usable} videos and pictures in "${folder}"; ${leftOut.length} files left out, listed in "${out}"`,
  );
}

/** How clips are read into memory. */
export interface ReadClipsOptions {
  /** At most so many, over all sources by their shares. */
  readonly most: number;
  /** Frames of a window of a video. */
  readonly frames: number;
  /** Pixels that the shorter sides of videos are brought to. */
  readonly videoSide: number;
}

/** Clips in memory, spread over the sources; pictures and masks alone. */
export async function readClips(
  sources: readonly TrainSource[],
  { most, frames, videoSide }: ReadClipsOptions,
): Promise<MaskedClip[]> {
  const shares = sources.reduce((sum, { share }) => sum + share, 0);
  const clips: MaskedClip[] = [];
  for (const source of sources) {
    const wanted = Math.max(1, Math.round(most * source.share / shares));
    clips.push(
      ...source.kind === "dataset"
        ? await readShards(source.folder, wanted)
        : await readVideos(source.path, wanted, { frames, videoSide }),
    );
  }
  return clips;
}

async function readShards(folder: string, most: number): Promise<MaskedClip[]> {
  // Of a clip, what else it holds is not kept in memory.
  const clips: MaskedClip[] = [];
  for await (const { frames, mask } of spreadClips(folder, most)) clips.push({ frames, mask });
  return clips;
}

/** At most so many clips, spread over a data set. */
export async function* spreadClips(folder: string, most: number): AsyncGenerator<SynthClip> {
  using dataset = await openDataset(folder);
  const count = Math.min(most, dataset.count);
  for (let i = 0; i < count; i++) yield await dataset.clip(Math.floor(i * dataset.count / count));
}

async function readVideos(
  path: string,
  most: number,
  { frames, videoSide }: Omit<ReadClipsOptions, "most">,
): Promise<MaskedClip[]> {
  const { entries } = await openVideoIndex(path);
  const windows = entries.flatMap((entry) => {
    const count = Math.floor(entry.frames / frames);
    return Array.from({ length: count }, (_, i) => ({ entry, first: i * frames }));
  });
  const count = Math.min(most, windows.length);
  const clips: MaskedClip[] = [];
  for (let i = 0; i < count; i++) {
    const { entry, first } = windows[Math.floor(i * windows.length / count)];
    const window = { first, count: frames, ...sizeAtSide(entry, videoSide) };
    const read = await readWindow(entry, window);
    const mask = await readWindowMask(entry, window) ?? new Uint8Array(read.data.length / 3);
    clips.push({ frames: read, mask });
  }
  return clips;
}

/** Tells folders apart in a file's name. */
async function shortHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex().slice(0, 8);
}

function isFile(path: string): Promise<boolean> {
  return Deno.stat(path).then((facts) => facts.isFile, () => false);
}
