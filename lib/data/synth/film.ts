/**
 * The pictures of a scene, by all cameras that film it at the same time.
 * @module
 */
import { type Camera, type CameraPath, motionFrame } from "../../geometry/mod.ts";
import type { Frames } from "../../io/mod.ts";
import type { Actor } from "./cast.ts";
import { Painter } from "./picture.ts";
import type { Scene } from "./scene.ts";

/** Whether the camera neither moves nor turns: its empty scene is then drawn once. */
function isStill(path: CameraPath): boolean {
  const numbers = (
    { rotation, translation, fx, fy, cx, cy }: Camera,
  ) => [...rotation, ...translation, fx, fy, cx, cy];
  const first = numbers(path[0]);
  return path.length > 1 &&
    path.every((camera) => numbers(camera).every((value, i) => value === first[i]));
}

/** Pictures of one view. */
export interface Film {
  /** The people over the scene. */
  readonly frames: Frames;
  /** The empty scene by the same cameras, without shadow. */
  readonly background: Frames;
  /** 255 where people cover at least half of a pixel, [F*H*W]. */
  readonly mask: Uint8Array;
  /** 0 where nobody is, k + 1 where `persons[k]` is in front, [F*H*W]. */
  readonly personMask: Uint8Array;
}

/** Every frame is posed once and painted by all cameras. */
export function paintViews(
  actors: readonly Actor[],
  { paths, scene }: { paths: readonly CameraPath[]; scene: Scene },
  { width, height }: { width: number; height: number },
): Film[] {
  const count = paths[0].length;
  const pixels = width * height;
  const films = paths.map(() => ({
    frames: new Uint8Array(count * pixels * 3),
    background: new Uint8Array(count * pixels * 3),
    mask: new Uint8Array(count * pixels),
  }));
  const painter = new Painter({ width, height });
  const empty = paths.map((path) => isStill(path) ? painter.paintEmpty(scene, path[0]) : undefined);
  for (let frame = 0; frame < count; frame++) {
    const sitters = actors.map(({ figure, motion, subject }) => ({
      figure,
      posed: figure.pose(motionFrame(motion, frame)),
      centre: subject.centres.subarray(frame * 3, frame * 3 + 3),
    }));
    for (const [view, path] of paths.entries()) {
      const part = (data: Uint8Array, each: number) =>
        data.subarray(frame * pixels * each, (frame + 1) * pixels * each);
      const { frames, background, mask } = films[view];
      painter.paint(sitters, { scene, camera: path[frame], empty: empty[view] }, {
        frame: part(frames, 3),
        background: part(background, 3),
        mask: part(mask, 1),
      });
    }
  }
  const facts = { width, height, count, fps: actors[0].motion.fps };
  return films.map(({ frames, background, mask }) => ({
    frames: { ...facts, data: frames },
    background: { ...facts, data: background },
    mask: mask.map((who) => who ? 255 : 0),
    personMask: mask,
  }));
}
