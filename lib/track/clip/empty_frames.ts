/**
 * A tracked clip's scene without anybody, frame by frame: one picture of a camera that stands, the part
 * of it that each frame shows of one that turns, and of one that goes through space, which no picture
 * follows, each frame itself with its persons filled in.
 * @module
 */
import { coverRegion, openVideo, readImage, resizeFrames } from "../../io/mod.ts";
import { type EmptyScene, sceneFrame, withoutThem } from "../../perception/mod.ts";
import { recallFrames } from "./seen_frames.ts";
import type { TrackedClip } from "./track_clip.ts";

type Track = Pick<
  TrackedClip,
  "path" | "folder" | "scene" | "camera" | "width" | "height" | "fps" | "motion"
>;

/**
 * rgb24 of the clip's size, one a frame of its motion; a picture that comes again is the same array.
 * Errors as the readers of the video and of the cache.
 */
export async function* emptyFrames(track: Track): AsyncGenerator<Uint8Array> {
  const { scene, camera, width, height, motion: { frames } } = track;
  const { data } = await readImage(scene.path, { minSide: 1 });
  const empty = { ...scene, data };
  if (camera.kind === "moving") return yield* ownFrames(track, empty);
  const still = sceneFrame(empty, { width, height });
  for (let frame = 0; frame < frames; frame++) {
    yield camera.kind === "still"
      ? still
      : sceneFrame(empty, { width, height, way: camera.homographies[frame] });
  }
}

/** The video's own frames, whose persons give way to the scene. */
async function* ownFrames(
  { path, folder, camera, width, height, fps, motion }: Track,
  scene: Omit<EmptyScene, "seen">,
): AsyncGenerator<Uint8Array> {
  const video = await openVideo(path, {
    ...{ width, height, fps },
    ...{ fit: "fill", maxFrames: motion.frames },
  });
  let frame = 0;
  for await (const { frames } of recallFrames(folder)) {
    for (const { persons } of frames) {
      const { value: data, done } = await video.frames.next();
      if (done) return;
      yield withoutThem({ width, height, data }, {
        scene,
        persons: persons.flatMap(({ mask }) => mask ? [mask] : []),
        way: camera.homographies[frame++],
      });
    }
  }
}

/** {@linkcode emptyFrames} scaled and cut, centred, to cover another size. */
export async function* emptyCovering(
  track: Track,
  size: { readonly width: number; readonly height: number },
): AsyncGenerator<Uint8Array> {
  const { width, height } = track;
  let [from, made]: Uint8Array[] = [new Uint8Array(), new Uint8Array()];
  for await (const data of emptyFrames(track)) {
    if (data !== from) {
      const frame = { width, height, count: 1, fps: 1, data };
      made = (await resizeFrames(frame, size, { region: coverRegion(frame, size) })).data;
      from = data;
    }
    yield made;
  }
}
