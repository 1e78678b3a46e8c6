/**
 * Where the camera stood of a person whose root is known twice: in the camera's axes and in the world.
 * @module
 */
import {
  type Camera,
  type CameraPath,
  fromAxisAngle,
  inverse,
  multiply,
  type Quaternion,
  rotate,
} from "../../geometry/mod.ts";

/** A person's root joint over time. */
export interface RootPath {
  /** [N·72] poses, of which the root's turn counts. */
  readonly poses: Float32Array;
  /** [N·3] metres, added to the rest pelvis. */
  readonly translations: Float32Array;
}

/** What a camera's picture and lens are. */
export type CameraLens = Pick<Camera, "width" | "height" | "fx" | "fy" | "cx" | "cy">;

/**
 * One camera a frame, so that the person of `world` is seen as that of `seen` stands before it: with
 * turns Q and places p of the root, the camera has R = Q_seen · Q_world⁻¹ and t = p_seen − R · p_world.
 * `pelvis` is the rest place that translations are added to.
 */
export function camerasOfRoots(
  { seen, world }: { readonly seen: RootPath; readonly world: RootPath },
  { pelvis, lens }: {
    readonly pelvis: ArrayLike<number>;
    readonly lens: (frame: number) => CameraLens;
  },
): CameraPath {
  const place = ({ translations }: RootPath, frame: number) =>
    [0, 1, 2].map((axis) => pelvis[axis] + translations[frame * 3 + axis]);
  return Array.from({ length: seen.poses.length / 72 }, (_, frame) => {
    const turn = multiply(
      fromAxisAngle(seen.poses, frame * 72),
      inverse(fromAxisAngle(world.poses, frame * 72)),
    );
    const moved = rotate(turn, place(world, frame));
    return {
      ...lens(frame),
      rotation: matrixOf(turn),
      translation: Float64Array.from(place(seen, frame), (value, axis) => value - moved[axis]),
    };
  });
}

function matrixOf(turn: Quaternion): Float64Array {
  const columns = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map((axis) => rotate(turn, axis));
  return Float64Array.from({ length: 9 }, (_, i) => columns[i % 3][Math.floor(i / 3)]);
}
