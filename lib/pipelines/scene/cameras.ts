/**
 * A job's cameras: laid around its persons, read from a file, or those that saw the motion.
 * @module
 */
import { loadCameras } from "../../data/mod.ts";
import { InputError } from "../../errors.ts";
import {
  anchorCameras,
  type BodyMesh,
  boundsOf,
  type CameraPath,
  coverCamera,
  parseCameraPath,
  partVertices,
  pickVertices,
  type SubjectBounds,
} from "../../geometry/mod.ts";
import { isFile, type Job } from "../job/mod.ts";
import { type FloorMove, floorMoves, moveCamera, moved } from "./follow.ts";
import type { PersonMotion } from "./person_motion.ts";
import { photoCameras, usualCamera } from "./photo_camera.ts";
import type { LoadedReference } from "./reference.ts";

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

/** Half the time over which a following camera smooths the way, so that it does not sway with steps. */
const FOLLOW_SECONDS = 0.4;

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

/** The persons' mean way over the floor, without the swaying of steps. */
function waysOf(
  { frames, fps }: Pick<Job, "frames" | "fps">,
  { body, persons }: Pick<Around, "body" | "persons">,
): FloorMove[] {
  const tracks = persons.map(({ poses }) => poses.map((pose) => body.poseJoints(pose)));
  return floorMoves(tracks, { frames, radius: Math.round(fps * FOLLOW_SECONDS) });
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
        yield moved(pickVertices(body.pose(pose).vertices, part), moves[frame], -1);
      }
    }
  }
}
