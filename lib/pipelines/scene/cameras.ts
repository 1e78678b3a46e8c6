/**
 * A job's cameras: laid around its persons, read from a file, or those that saw the motion or took the
 * first picture.
 * @module
 */
import { loadCameras } from "../../data/mod.ts";
import { InputError } from "../../errors.ts";
import {
  anchorCameras,
  type BodyMesh,
  boundsOf,
  type Camera,
  type CameraPath,
  coverCamera,
  parseCameraPath,
  partVertices,
  pickVertices,
  projectPoints,
  shiftCamera,
  type SubjectBounds,
} from "../../geometry/mod.ts";
import { isFile, type Job, photoPose } from "../job/mod.ts";
import type { PersonMotion } from "./person_motion.ts";
import type { LoadedReference } from "./reference.ts";

/** What cameras are laid around. */
export interface Around {
  readonly body: BodyMesh;
  readonly persons: readonly (PersonMotion & { readonly reference?: LoadedReference })[];
  readonly onNotice?: (text: string) => void;
}

/** One camera a frame, as the job says. */
export async function camerasOf(job: Job, around: Around): Promise<CameraPath> {
  const { width, height, frames } = job;
  const named = job.camera === "auto" ? usualCamera(job, around) : job.camera;
  if (named === "motion") return seenCameras(job, around);
  if (named === "photo") return photoCameras(job, around, waysOf(job, around));
  if (!isFile.camera(named)) {
    return layAround(
      job,
      around,
      (subject) => parseCameraPath(named, { frames, width, height, subject }),
    );
  }
  const { cameras, relative, notices } = await loadCameras(job.camera, job);
  for (const notice of notices) around.onNotice?.(notice);
  if (!relative) {
    if (job.frameOn !== "full") {
      around.onNotice?.(
        `"${job.camera}" says itself what it shows: only the reference is framed on ${job.frameOn}`,
      );
    }
    return cameras;
  }
  around.onNotice?.(
    `"${job.camera}" says how the cameras move but not where they are: the first one is placed in front of the persons`,
  );
  const fov = 360 / Math.PI * Math.atan(height / 2 / cameras[0].fy);
  return layAround(job, around, (subject) => {
    const framing = { frames: 1, width, height, subject };
    return anchorCameras(cameras, parseCameraPath(`static:fov=${fov}`, framing)[0]);
  });
}

/**
 * The driving video's camera before its scene; the picture's where its person was found in it and nothing
 * else is to be framed.
 */
function usualCamera(
  { reference, frameOn, background }: Pick<Job, "reference" | "frameOn" | "background">,
  { persons: [first] }: Pick<Around, "persons">,
): "motion" | "photo" | "static" {
  if (background === "driving") return "motion";
  const found = photoPose(reference.pose) && first.reference?.known;
  return found && frameOn === "full" ? "photo" : "static";
}

/** `--camera motion`: the camera that saw the first person's motion, cut to the video's shape. */
function seenCameras({ width, height, persons: jobs }: Job, around: Around): CameraPath {
  const [{ seenBy }] = around.persons;
  if (seenBy === undefined) {
    throw new InputError(
      `"${jobs[0].motion}" has no camera of its own; give another --camera than motion`,
    );
  }
  const cameras = seenBy({ width, height });
  const [camera] = cameras;
  if (Math.abs(camera.width / camera.height - width / height) > 0.02 * width / height) {
    around.onNotice?.(
      `"${
        jobs[0].motion
      }" was seen in pictures of ${camera.width}×${camera.height}, the video is ` +
        `${width}×${height}: the view is cut`,
    );
  }
  return cameras.map((camera) => coverCamera(camera, { width, height }));
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
function photoCameras(
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

/** Cameras laid around the persons; with `follow` they go along with them over the floor. */
export function layAround(
  job: Pick<Job, "frames" | "fps" | "follow" | "frameOn">,
  { body, persons }: Around,
  lay: (subject: SubjectBounds) => CameraPath,
): CameraPath {
  const moves = waysOf(job, { body, persons: job.follow ? persons : [] });
  const part = partVertices(body, job.frameOn);
  const subject = boundsOf(posedVertices());
  return lay(subject).map((camera, frame) => moveCamera(camera, moves[frame]));

  // One at a time: all of a long clip's vertices would be most of the memory.
  function* posedVertices(): Generator<Float32Array> {
    for (const { poses } of persons) {
      for (const [frame, pose] of poses.entries()) {
        yield movedBack(pickVertices(body.pose(pose).vertices, part), moves[frame]);
      }
    }
  }
}

/** A move over the floor, metres along x and z. */
type FloorMove = readonly [x: number, z: number];

/** Half the time over which a following camera smooths the way, so that it does not sway with steps. */
const FOLLOW_SECONDS = 0.4;

/** The persons' mean way over the floor, without the swaying of steps. */
function waysOf(
  { frames, fps }: Pick<Job, "frames" | "fps">,
  { body, persons }: Pick<Around, "body" | "persons">,
): FloorMove[] {
  const tracks = persons.map(({ poses }) => poses.map((pose) => body.poseJoints(pose)));
  return floorMoves(tracks, { frames, radius: Math.round(fps * FOLLOW_SECONDS) });
}

/**
 * How far the persons' mean pelvis has gone from the origin in each frame, smoothed over `radius`
 * frames to both sides. `joints` is [persons][frames][24·3]; without persons nothing moves.
 */
function floorMoves(
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

/** Points [N·3] as they were before a move. */
function movedBack(points: Float32Array, [x, z]: FloorMove): Float32Array {
  const shift = [-x, 0, -z];
  return points.map((value, i) => value + shift[i % 3]);
}

/** The same view from a place moved over the floor. */
function moveCamera(camera: Camera, [x, z]: FloorMove): Camera {
  return shiftCamera(camera, [x, 0, z]);
}
