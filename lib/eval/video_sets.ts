/**
 * Distances of two sets of videos.
 * @module
 */
import { InputError } from "../errors.ts";
import { openVideo } from "../io/mod.ts";
import type { Device } from "../tensor/mod.ts";
import { type DistanceName, type FeatureNet } from "./feature_nets.ts";
import { frameTensor } from "./frame_scores.ts";
import { FeatureStatistics, FRECHET_SAMPLES, frechetDistance } from "./frechet.ts";
import { videosIn } from "./video_pairs.ts";

/** A folder of videos, read. */
export interface VideoSet {
  readonly folder: string;
  readonly videos: number;
  /** Sizes that occur, `width×height`. */
  readonly sizes: readonly string[];
  /** Frames a second. */
  readonly fps: number;
  /** By distance. */
  readonly features: ReadonlyMap<DistanceName, FeatureStatistics>;
}

/** How sets are read. */
export interface ReadSetOptions {
  readonly nets: readonly FeatureNet[];
  /** Frames of each video, from its start. */
  readonly frames: number;
  /** Whether frame rates may differ. */
  readonly ignoreFps?: boolean;
  readonly device?: Device;
  readonly signal?: AbortSignal;
  readonly onVideo?: (done: number, of: number) => void;
}

/**
 * Features of all videos of a folder, one video in memory at a time.
 *
 * @throws InputError for fewer than two videos, and for one that is too short, of another rate, or
 *   broken: none is left out
 */
export async function readVideoSet(folder: string, options: ReadSetOptions): Promise<VideoSet> {
  const { nets, frames, device = "cpu" } = options;
  const paths = [...(await videosIn(folder)).videos.values()];
  if (paths.length < 2) {
    throw new InputError(`"${folder}" holds 1 video, a Fréchet distance takes at least 2`);
  }
  const features = new Map(
    nets.map((net) => [net.distance, new FeatureStatistics(net.dimensions)]),
  );
  const sizes = new Set<string>();
  let first: { readonly path: string; readonly fps: number } | undefined;
  for (const [i, path] of paths.entries()) {
    options.signal?.throwIfAborted();
    const clip = await readStart(path, frames);
    first ??= { path, fps: clip.fps };
    if (!options.ignoreFps) checkRate(first, { path, fps: clip.fps });
    sizes.add(`${clip.width}×${clip.height}`);
    using tensor = frameTensor(clip.data, clip, device);
    for (const net of nets) features.get(net.distance)!.add(net.features(tensor));
    options.onVideo?.(i + 1, paths.length);
  }
  return { folder, videos: paths.length, sizes: [...sizes], fps: first!.fps, features };
}

async function readStart(path: string, frames: number) {
  const { width, height, fps, frames: source } = await openVideo(path, { maxFrames: frames });
  const size = width * height * 3;
  const data = new Uint8Array(frames * size);
  let count = 0;
  for await (const frame of source) data.set(frame, count++ * size);
  if (count < frames) {
    throw new InputError(
      `"${path}" has ${count} ${count === 1 ? "frame" : "frames"}, ${frames} are needed`,
    );
  }
  return { width, height, fps, data };
}

interface Rated {
  readonly path: string;
  readonly fps: number;
}

function checkRate(first: Rated, other: Rated): void {
  if (Math.abs(first.fps - other.fps) <= 0.005 * first.fps) return;
  throw new InputError(
    `"${first.path}" has ${first.fps} frames a second, "${other.path}" has ${other.fps}; --ignore-fps compares them all the same`,
  );
}

/** A distance of two sets. */
export interface SetDistance {
  readonly name: DistanceName;
  readonly distance: number;
  readonly dimensions: number;
  /** Samples of each set. */
  readonly samples: readonly [number, number];
  /** Why it says little. */
  readonly warning?: string;
}

/** All distances of two sets that were read by the same networks. */
export function setDistances(a: VideoSet, b: VideoSet): SetDistance[] {
  return [...a.features].map(([name, ours]) => {
    const theirs = b.features.get(name)!;
    const distance = frechetDistance(ours, theirs);
    const fewest = Math.min(ours.count, theirs.count);
    const { dimensions } = ours;
    const warning = fewest >= FRECHET_SAMPLES ? {} : {
      warning:
        `${name} of ${fewest} samples: below ${FRECHET_SAMPLES} it comes out too high, and is to be compared with that of equally many only` +
        (fewest <= dimensions ? `; ${dimensions} features take more samples than that` : ""),
    };
    return { name, distance, dimensions, samples: [ours.count, theirs.count], ...warning };
  });
}
