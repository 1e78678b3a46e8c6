/**
 * The geometry of a job: body, persons over time, cameras. Plain arrays, so that wrong files are
 * found before libtorch is opened.
 * @module
 */
import { loadCameras, loadMotion, readBody } from "../data/mod.ts";
import {
  anchorCameras,
  type BodyMesh,
  type BodyPose,
  boundsOf,
  type CameraPath,
  motionFrame,
  parseCameraPath,
  type SubjectBounds,
} from "../geometry/mod.ts";
import { isFile, type Job, type Person } from "./job/mod.ts";
import { floorMoves, moveCamera, moved } from "./follow.ts";
import { type LoadedReference, loadReference } from "./reference.ts";

/** One person of a scene, one pose a frame. */
export interface ScenePerson {
  readonly poses: readonly BodyPose[];
  readonly reference: LoadedReference;
}

/** Everything that a job says about space. */
export interface Scene {
  readonly body: BodyMesh;
  readonly persons: readonly ScenePerson[];
  /** One a frame. */
  readonly cameras: CameraPath;
}

/** Tells the user something that is no error. */
export type OnNotice = (text: string) => void;

/** Loads motions, references and cameras of a job. Throws {@linkcode InputError} for wrong files. */
export async function loadScene(
  job: Job,
  { bodyPath, onNotice }: { readonly bodyPath: string; readonly onNotice?: OnNotice },
): Promise<Scene> {
  const body = await readBody(bodyPath);
  const { width, height } = job;
  const context = { body, width, height, onNotice };
  const first = await loadReference(job.reference, context);
  const persons: ScenePerson[] = [];
  for (const person of job.persons) {
    const reference = person.reference ? await loadReference(person.reference, context) : first;
    const shape = reference.known?.body.shape;
    persons.push({
      reference,
      poses: await personPoses(person, { job, body, shape, onNotice }),
    });
  }
  return { body, persons, cameras: await camerasOf(job, { body, persons, onNotice }) };
}

interface MotionContext {
  readonly job: Pick<Job, "frames" | "fps">;
  readonly body: BodyMesh;
  readonly shape?: Float32Array;
  readonly onNotice?: OnNotice;
}

async function personPoses(
  { motion: source, placement, offset }: Person,
  { job: { frames, fps }, body, shape, onNotice }: MotionContext,
): Promise<BodyPose[]> {
  const { motion, notices } = await loadMotion(source, {
    body,
    shape,
    fps,
    frames,
    placement: placement === "file" ? "keep" : "origin",
  });
  for (const notice of notices) onNotice?.(notice);
  return Array.from({ length: frames }, (_, frame) => {
    const { pose, translation: [x, y, z] } = motionFrame(motion, frame);
    return {
      pose,
      translation: [x + offset[0], y + offset[1], z + offset[2]] as const,
      ...(shape ? { shape } : {}),
    };
  });
}

/** Half the time over which a following camera smooths the way, so that it does not sway with steps. */
const FOLLOW_SECONDS = 0.4;

interface Around {
  readonly body: BodyMesh;
  readonly persons: readonly ScenePerson[];
  readonly onNotice?: OnNotice;
}

async function camerasOf(job: Job, around: Around): Promise<CameraPath> {
  const { width, height, frames } = job;
  if (!isFile.camera(job.camera)) {
    return layAround(
      job,
      around,
      (subject) => parseCameraPath(job.camera, { frames, width, height, subject }),
    );
  }
  const { cameras, relative, notices } = await loadCameras(job.camera, job);
  for (const notice of notices) around.onNotice?.(notice);
  if (!relative) return cameras;
  around.onNotice?.(
    `"${job.camera}" tells how cameras move, not where they stand: the first is put in front of the persons`,
  );
  const fov = 360 / Math.PI * Math.atan(height / 2 / cameras[0].fy);
  return layAround(job, around, (subject) => {
    const framing = { frames: 1, width, height, subject };
    return anchorCameras(cameras, parseCameraPath(`static:fov=${fov}`, framing)[0]);
  });
}

/** Cameras laid around the persons; with `follow` they go along with them over the floor. */
function layAround(
  job: Job,
  { body, persons }: Around,
  lay: (subject: SubjectBounds) => CameraPath,
): CameraPath {
  const { frames } = job;
  const posed = persons.map(({ poses }) => poses.map((pose) => body.pose(pose)));
  const tracks = job.follow ? posed.map((track) => track.map(({ joints }) => joints)) : [];
  const moves = floorMoves(tracks, { frames, radius: Math.round(job.fps * FOLLOW_SECONDS) });
  const subject = boundsOf(
    posed.flatMap((track) => track.map(({ vertices }, frame) => moved(vertices, moves[frame], -1))),
  );
  return lay(subject).map((camera, frame) => moveCamera(camera, moves[frame]));
}
