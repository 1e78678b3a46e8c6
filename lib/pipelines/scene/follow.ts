/**
 * Cameras that go along with walkers.
 * @module
 */
import { type Camera, shiftCamera } from "../../geometry/mod.ts";

/** A move over the floor, metres along x and z. */
export type FloorMove = readonly [x: number, z: number];

/**
 * How far the persons' mean pelvis has gone from the origin in each frame, smoothed over `radius`
 * frames to both sides. `joints` is [persons][frames][24·3]; without persons nothing moves.
 */
export function floorMoves(
  joints: readonly (readonly Float32Array[])[],
  { frames, radius }: { readonly frames: number; readonly radius: number },
): FloorMove[] {
  const mean = (frame: number, axis: number) =>
    joints.reduce((sum, track) => sum + track[frame][axis], 0) / Math.max(1, joints.length);
  return Array.from({ length: frames }, (_, frame) => {
    // Symmetric windows keep a straight way straight up to its ends.
    const reach = Math.min(radius, frame, frames - 1 - frame);
    const move: [number, number] = [0, 0];
    for (let k = frame - reach; k <= frame + reach; k++) {
      move[0] += mean(k, 0) / (2 * reach + 1);
      move[1] += mean(k, 2) / (2 * reach + 1);
    }
    return move;
  });
}

/** Points [N·3] after `sign` times a move. */
export function moved(points: Float32Array, [x, z]: FloorMove, sign: 1 | -1): Float32Array {
  const shift = [sign * x, 0, sign * z];
  return points.map((value, i) => value + shift[i % 3]);
}

/** The same view from a place moved over the floor. */
export function moveCamera(camera: Camera, [x, z]: FloorMove): Camera {
  return shiftCamera(camera, [x, 0, z]);
}
