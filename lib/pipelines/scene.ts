/**
 * The geometry of a job: body, persons over time, cameras. Plain arrays, so that wrong files are
 * found before libtorch is opened.
 * @module
 */
import { loadMotion, readBody } from "../data/mod.ts";
import { InputError } from "../errors.ts";
import {
  type BodyMesh,
  type BodyPose,
  boundsOf,
  type CameraPath,
  motionFrame,
  parseCameraPath,
  parseCameras,
  scaleCamera,
} from "../geometry/mod.ts";
import { readText } from "../io/mod.ts";
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
  return { body, persons, cameras: await loadCameras(job, body, persons, onNotice) };
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

async function loadCameras(
  job: Job,
  body: BodyMesh,
  persons: readonly ScenePerson[],
  onNotice?: OnNotice,
): Promise<CameraPath> {
  const { width, height, frames, fps } = job;
  if (isFile.camera(job.camera)) {
    const file = parseCameras(await readText(job.camera), job.camera);
    return fitCameras(file, { path: job.camera, width, height, frames, fps, onNotice });
  }
  return namedCameras(job, body, persons);
}

/** A named path, laid around the persons; with `follow` it goes along with them over the floor. */
function namedCameras(job: Job, body: BodyMesh, persons: readonly ScenePerson[]): CameraPath {
  const { width, height, frames } = job;
  const posed = persons.map(({ poses }) => poses.map((pose) => body.pose(pose)));
  const tracks = job.follow ? posed.map((track) => track.map(({ joints }) => joints)) : [];
  const moves = floorMoves(tracks, { frames, radius: Math.round(job.fps * FOLLOW_SECONDS) });
  const subject = boundsOf(
    posed.flatMap((track) => track.map(({ vertices }, frame) => moved(vertices, moves[frame], -1))),
  );
  const cameras = parseCameraPath(job.camera, { frames, width, height, subject });
  return cameras.map((camera, frame) => moveCamera(camera, moves[frame]));
}

interface CameraFit {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly fps: number;
  readonly onNotice?: OnNotice;
}

/** Cameras of a file at the clip's size and rate; a file that ends early holds its last camera. */
function fitCameras(
  file: { readonly cameras: CameraPath; readonly fps?: number },
  { path, width, height, frames, fps, onNotice }: CameraFit,
): CameraPath {
  const { cameras } = file;
  const [camera] = cameras;
  if (Math.abs(camera.width / camera.height - width / height) > 0.02 * width / height) {
    throw new InputError(
      `"${path}" is for pictures of ${camera.width}×${camera.height}, the video is ${width}×${height}: the shapes differ`,
    );
  }
  const rate = (file.fps ?? fps) / fps;
  const last = cameras.length - 1;
  if (last > 0 && Math.round((frames - 1) * rate) > last) {
    onNotice?.(`"${path}" has ${cameras.length} cameras, too few for the video: the last is held`);
  }
  return Array.from(
    { length: frames },
    (_, frame) => scaleCamera(cameras[Math.min(Math.round(frame * rate), last)], { width, height }),
  );
}
