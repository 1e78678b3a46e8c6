/**
 * Where training clips come from: memory, data sets of `isa4d synth`, indexed videos.
 * @module
 */
import {
  openDataset,
  openVideoIndex,
  readWindow,
  readWindowMask,
  sizeAtSide,
  type VideoEntry,
} from "../../data/mod.ts";
import type { Frames } from "../../io/mod.ts";
import { ByteCache } from "./byte_cache.ts";

/** A clip and where its person is. */
export interface MaskedClip {
  /** The pictures. */
  readonly frames: Frames;
  /** One byte a pixel, [F, H, W], above 0 on the person. */
  readonly mask: Uint8Array;
}

/** Size and length of a clip. */
export type ClipFacts = Pick<Frames, "width" | "height" | "count">;

/** Clips that are drawn from, each as likely. */
export interface ClipSource {
  /** Weight beside the other sources. */
  readonly share: number;
  readonly clips: readonly ClipFacts[];
  /** `count` frames of a clip from frame `first` on. */
  readonly read: (clip: number, first: number, count: number) => Promise<MaskedClip>;
  /** Closes files. */
  readonly close: () => void;
}

/** A source by what it is on disk, so that every worker opens its own. */
export type SourceSpec =
  | {
    readonly kind: "dataset";
    readonly folder: string;
    readonly share: number;
    /** Clips that count; more may have been rendered since. */
    readonly clips: number;
  }
  | {
    readonly kind: "videos";
    /** The index file. */
    readonly path: string;
    readonly share: number;
    /** Pixels that the shorter sides are brought to. */
    readonly shortSide: number;
  };

/** Clips in memory as a source. */
export function memorySource(clips: readonly MaskedClip[]): ClipSource {
  return {
    share: 1,
    clips: clips.map(({ frames }) => frames),
    read: (clip, first, count) => Promise.resolve(sliceClip(clips[clip], first, count)),
    close: () => {},
  };
}

/** Opens a source; decoded clips stay in at most `cacheBytes`. */
export async function openSource(spec: SourceSpec, cacheBytes: number): Promise<ClipSource> {
  return spec.kind === "dataset"
    ? await openShards(spec, cacheBytes)
    : await openVideos(spec, cacheBytes);
}

async function openShards(
  { folder, share, clips }: Extract<SourceSpec, { kind: "dataset" }>,
  cacheBytes: number,
): Promise<ClipSource> {
  const dataset = await openDataset(folder);
  const { width, height, frames } = dataset.index;
  const cache = new ByteCache<number, MaskedClip>(cacheBytes, bytesOf);
  const facts = { width, height, count: frames };
  return {
    share,
    clips: new Array(clips).fill(facts),
    read: async (clip, first, count) => {
      const whole = await cache.get(clip, async () => {
        const { frames, mask } = await dataset.clip(clip);
        return { frames, mask };
      });
      return sliceClip(whole, first, count);
    },
    close: () => dataset[Symbol.dispose](),
  };
}

/** Videos that take less than this part of the cache are decoded whole, the others by window. */
const WHOLE_SHARE = 1 / 4;

async function openVideos(
  { path, share, shortSide }: Extract<SourceSpec, { kind: "videos" }>,
  cacheBytes: number,
): Promise<ClipSource> {
  const { entries } = await openVideoIndex(path);
  const cache = new ByteCache<number, MaskedClip>(cacheBytes, bytesOf);
  const clips = entries.map((entry) => ({
    ...sizeAtSide(entry, shortSide),
    count: entry.frames,
  }));
  return {
    share,
    clips,
    read: async (clip, first, count) => {
      const { width, height, count: all } = clips[clip];
      // By the video alone, so that what is cached changes no byte.
      if (all * width * height * 4 > cacheBytes * WHOLE_SHARE) {
        return await readMasked(entries[clip], { first, count, width, height });
      }
      const whole = await cache.get(
        clip,
        () => readMasked(entries[clip], { first: 0, count: all, width, height }),
      );
      return sliceClip(whole, first, count);
    },
    close: () => {},
  };
}

async function readMasked(
  entry: VideoEntry,
  window: Parameters<typeof readWindow>[1],
): Promise<MaskedClip> {
  const frames = await readWindow(entry, window);
  const mask = await readWindowMask(entry, window) ??
    new Uint8Array(window.count * window.width * window.height);
  return { frames, mask };
}

function sliceClip({ frames, mask }: MaskedClip, first: number, count: number): MaskedClip {
  if (first === 0 && count === frames.count) return { frames, mask };
  const size = frames.width * frames.height;
  const data = frames.data.subarray(first * size * 3, (first + count) * size * 3);
  return {
    frames: { ...frames, count, data },
    mask: mask.subarray(first * size, (first + count) * size),
  };
}

function bytesOf({ frames, mask }: MaskedClip): number {
  return frames.data.byteLength + mask.byteLength;
}
