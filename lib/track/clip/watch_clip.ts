/**
 * A video seen once: the persons in every frame, what the camera does, the scene without anybody. All of
 * it is kept in the cache, and a pass that was cut off goes on where it was.
 * @module
 */
import { join } from "node:path";
import { InputError } from "../../errors.ts";
import { isStillImage, openVideo, probeVideo, type VideoFacts } from "../../io/mod.ts";
import { CameraWatcher, MarkWatcher, SceneKeeper, type SeenFrame } from "../../perception/mod.ts";
import { cameraJudge } from "./camera_choice.ts";
import { clipCache, nameOfChoice } from "./clip_cache.ts";
import { recallFrames, seenFrames } from "./seen_frames.ts";
import { keepWatched, recallWatched, type Watched } from "./watched_file.ts";

/** How a video is seen. */
export interface WatchOptions {
  /** What the camera did: `auto` (default), `still`, `turning`, or a file of cameras. */
  readonly camera?: string;
  /** Frames a second that are looked at; default the video's, above 30 every second, third … */
  readonly fps?: number;
  /** Only the first so many. */
  readonly maxFrames?: number;
  /** Only so much, as `maxFrames`. */
  readonly seconds?: number;
  /** A folder in place of the user's cache. */
  readonly cache?: string;
  /** `of` is an estimate: videos do not say how many frames they have. */
  readonly onFrame?: (state: { readonly frame: number; readonly of: number }) => void;
  /** Stops the work when aborted; what was seen stays in the cache. */
  readonly signal?: AbortSignal;
}

/** A video's persons, camera and scene. */
export interface WatchedClip extends Omit<Watched, "count"> {
  /** The video. */
  readonly path: string;
  /** Where everything is kept. */
  readonly folder: string;
  /** Frames a second that were looked at. */
  readonly fps: number;
  /** One a frame, without masks. */
  readonly frames: readonly SeenFrame[];
}

/** The longer side that is looked at, pixels: landmarks of larger pictures are no better. */
const LONGEST = 1440;
/** Frames a second that are enough for any dance. */
const FASTEST = 30.5;

/**
 * Watches a video. Networks come into `.deps` at their first use.
 *
 * Throws {@linkcode InputError} for what is no video or a single picture, {@linkcode EnvironmentError}
 * where networks or a place for the cache are missing, {@linkcode IoError} for a full disk.
 */
export async function watchClip(path: string, options: WatchOptions = {}): Promise<WatchedClip> {
  const { camera: choice = "auto" } = options;
  if (await isStillImage(path)) {
    throw new InputError(
      `"${path}" is a picture, which does not move: give a video, or the picture as --ref-pose`,
    );
  }
  const facts = await probeVideo(path);
  const fps = options.fps ?? watchedRate(facts);
  const maxFrames = limitOf(options, { fps, all: (facts.duration ?? Infinity) * fps });
  const folder = join(await clipCache(path, options.cache), `${Number(fps.toFixed(3))}-fps`);
  const length = maxFrames === undefined ? [] : [`${maxFrames}-frames`];
  const base = join(folder, ["watched", await nameOfChoice(choice), ...length].join("-"));
  const { count, ...watched } = await recallWatched(base) ??
    await watch({ path, folder, base, facts, fps }, { ...options, maxFrames, camera: choice });
  const frames: SeenFrame[] = [];
  for await (const some of recallFrames(folder, { masks: false })) {
    frames.push(...some.frames.slice(0, count - frames.length));
    if (frames.length === count) break;
  }
  return { path, folder, fps, ...watched, frames };
}

/** Frames a second that are looked at of a video, unless told. */
export function watchedRate({ fps }: Pick<VideoFacts, "fps">): number {
  return fps / Math.ceil(fps / FASTEST);
}

/** Frames that are looked at; undefined where that is all of them. */
function limitOf(
  { maxFrames = Infinity, seconds = Infinity }: WatchOptions,
  { fps, all }: { readonly fps: number; readonly all: number },
): number | undefined {
  const limit = Math.min(maxFrames, Math.ceil(seconds * fps));
  return limit < Math.floor(all) || (limit < Infinity && all === Infinity) ? limit : undefined;
}

async function watch(
  { path, folder, base, facts, fps }: {
    readonly path: string;
    readonly folder: string;
    readonly base: string;
    readonly facts: VideoFacts;
    readonly fps: number;
  },
  { camera, maxFrames, onFrame, signal }: WatchOptions & { readonly camera: string },
): Promise<Watched> {
  const judge = await cameraJudge(camera);
  const large = Math.max(facts.width, facts.height) > LONGEST;
  const video = await openVideo(path, {
    ...large ? { width: LONGEST, height: LONGEST, fit: "inside" } : {},
    ...{ fps, maxFrames },
  });
  const of = maxFrames ?? Math.round((facts.duration ?? 0) * fps);
  const watcher = new CameraWatcher(), marker = new MarkWatcher(), keeper = new SceneKeeper();
  let count = 0;
  for await (const { picture, seen } of seenFrames(video, folder)) {
    signal?.throwIfAborted();
    const masks = seen.persons.flatMap(({ mask }) => mask ? [mask] : []);
    watcher.see(picture, masks);
    marker.see(picture, seen.persons);
    keeper.see(picture, masks);
    count++;
    onFrame?.({ frame: count, of: Math.max(of, count) });
  }
  const size = { width: video.width, height: video.height };
  const motion = judge(watcher.motion(), { ...size, fps, frames: count });
  const watched = { ...size, count, camera: motion, marks: marker.paths() };
  return await keepWatched(base, watched, keeper.scene(motion));
}
