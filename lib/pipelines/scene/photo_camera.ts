/**
 * The camera that took a job's first picture, as the camera of its video.
 * @module
 */
import { InputError } from "../../errors.ts";
import { type Camera, type CameraPath, projectPoints, shiftCamera } from "../../geometry/mod.ts";
import { type Job, photoPose } from "../job/mod.ts";
import type { Around } from "./cameras.ts";
import { type FloorMove, moveCamera } from "./follow.ts";

/**
 * The driving video's camera before its scene; the picture's where its person was found in it and nothing
 * else is to be framed.
 */
export function usualCamera(
  { reference, frameOn, background }: Pick<Job, "reference" | "frameOn" | "background">,
  { persons: [first] }: Pick<Around, "persons">,
): "motion" | "photo" | "static" {
  if (background === "driving") return "motion";
  const found = photoPose(reference.pose) && first.reference?.known;
  return found && frameOn === "full" ? "photo" : "static";
}

/** Share of the picture's width beside which a person counts as gone. */
const SIDE = 0.1;
/** How much nearer, and farther, a person may come. */
const [NEAREST, FARTHEST] = [0.6, 2.5];

/**
 * The camera as the first reference's person would stand at the origin. It stays; where the persons'
 * way (`moves`) leaves its picture they walk on the spot instead, as far as the job lets it follow.
 *
 * Throws {@linkcode InputError} where nobody knows how the picture was taken.
 */
export function photoCameras(
  { reference: { image }, follow }: Pick<Job, "reference" | "follow">,
  { body, persons: [{ reference }], onNotice }: Around,
  moves: readonly FloorMove[],
): CameraPath {
  if (!reference?.known) {
    throw new InputError(
      `--camera photo: nobody knows how "${image}" was taken; give another, such as static`,
    );
  }
  const { known } = reference;
  const [x, height, z] = body.poseJoints(known.body);
  const camera = shiftCamera(known.camera, [-x, 0, -z]);
  if (!follow || staysIn(camera, moves, height)) return moves.map(() => camera);
  onNotice?.(
    `the person would leave the view of "${image}" and moves on the spot; --no-follow lets go`,
  );
  return moves.map((move) => moveCamera(camera, move));
}

function staysIn(camera: Camera, moves: readonly FloorMove[], height: number): boolean {
  const places = Float32Array.from([[0, 0], ...moves].flatMap(([x, z]) => [x, height, z]));
  const { uv, depth } = projectPoints(camera, places);
  return moves.every((_, i) => {
    const [u, far] = [uv[(i + 1) * 2] / camera.width, depth[i + 1] / depth[0]];
    return u > SIDE && u < 1 - SIDE && far > NEAREST && far < FARTHEST;
  });
}
