/**
 * How each person of a job moves, and how the tracks of one recording stay together.
 * @module
 */
import { loadMotion, parseMotionSpec } from "../../data/mod.ts";
import {
  type BodyMesh,
  type BodyPose,
  type CameraPath,
  motionFrame,
  parseSmoothing,
  shiftCamera,
} from "../../geometry/mod.ts";
import { isFile, type Job, type Person } from "../job/mod.ts";
import { drivingTrack, drivingVideo, otherBuild } from "./driving.ts";
import { momentsOf } from "./time_map.ts";

/** Several persons out of one file. */
interface Recording {
  /** Seconds by which each motion begins later than the first one to be seen. */
  readonly later: ReadonlyMap<string, number>;
  /** Metres by which the first person was moved to the floor, once that is known. */
  shift?: readonly number[];
}

/** Recordings by their file. */
type Recordings = ReadonlyMap<string, Recording>;

/** Finds the files of which several persons take their tracks. Errors as `loadMotion`. */
async function openRecordings(
  persons: readonly Pick<Person, "motion">[],
  body: BodyMesh,
): Promise<Recordings> {
  const byFile = new Map<string, string[]>();
  for (const { motion } of persons) {
    if (!isFile.motion(motion)) continue;
    const { path } = parseMotionSpec(motion);
    byFile.set(path, [...byFile.get(path) ?? [], motion]);
  }
  const found = new Map<string, Recording>();
  for (const [path, motions] of byFile) {
    if (motions.length < 2) continue;
    const begins = new Map<string, number>();
    for (const motion of motions) {
      const at = drivingVideo(motion) ? 0 : await beginOf(motion, body);
      if (at !== undefined) begins.set(motion, at);
    }
    if (begins.size !== motions.length) continue;
    const first = Math.min(...begins.values());
    found.set(path, { later: new Map([...begins].map(([motion, at]) => [motion, at - first])) });
  }
  return found;
}

async function beginOf(motion: string, body: BodyMesh): Promise<number | undefined> {
  return (await loadMotion(motion, { body, frames: 1, placement: "keep" })).begins;
}

/** What {@linkcode personMotions} needs besides the job. */
export interface MotionsContext {
  readonly body: BodyMesh;
  /** Those of the persons' references. */
  readonly shapes: readonly (Float32Array | undefined)[];
  readonly onNotice?: (text: string) => void;
}

/** Loads the motions of a job's persons. Errors as `loadMotion`. */
export async function personMotions(
  job: Job,
  { body, shapes, onNotice }: MotionsContext,
): Promise<PersonMotion[]> {
  const recordings = await openRecordings(job.persons, body);
  const motions: PersonMotion[] = [];
  for (const [i, person] of job.persons.entries()) {
    motions.push(await personMotion(person, { job, body, shape: shapes[i], recordings, onNotice }));
  }
  return motions;
}

/** What {@linkcode personMotion} needs besides the person. */
interface MotionContext {
  readonly job: Pick<Job, "frames" | "freezeFrame" | "fps" | "shape" | "smooth">;
  readonly body: BodyMesh;
  /** The reference's. */
  readonly shape?: Float32Array;
  readonly recordings: Recordings;
  readonly onNotice?: (text: string) => void;
}

/** A person's poses, one a frame. */
export interface PersonMotion {
  /** One a frame. */
  readonly poses: readonly BodyPose[];
  /** The cameras that saw the motion, one a frame, for pictures of this size where its file says none. */
  readonly seenBy?: (size: { readonly width: number; readonly height: number }) => CameraPath;
}

/**
 * Loads one person's motion. Tracks of one recording keep their times and places to each other: one
 * that is seen later holds its first pose until then, and as the first person was put on the floor,
 * so are the others. Errors as `loadMotion`.
 */
async function personMotion(
  { motion: source, placement, offset }: Person,
  { job, body, shape: known, recordings, onNotice }: MotionContext,
): Promise<PersonMotion> {
  const { fps } = job;
  const moments = momentsOf(job);
  const last = moments.at(-1)!;
  const recording = isFile.motion(source)
    ? recordings.get(parseMotionSpec(source).path)
    : undefined;
  const beside = placement === "floor" ? recording?.shift : undefined;
  const later = recording?.later.get(source) ?? 0;
  const track = await drivingTrack(source, last / fps, { onNotice });
  const loaded = await loadMotion(track?.file ?? source, {
    body,
    // Without a shape in the reference the mean one moves, not the motion's own.
    shape: job.shape === "reference" ? known ?? [] : undefined,
    fps,
    frames: last + 1,
    start: -later,
    placement: placement === "file" || beside ? "keep" : "origin",
    smooth: parseSmoothing(job.smooth),
  });
  if (recording && placement === "floor") recording.shift ??= loaded.shift;
  const { motion, shape: moving, cameras } = loaded;
  for (const notice of loaded.notices) onNotice?.(notice);
  if (later > 0) {
    onNotice?.(
      `"${source}" is seen ${later.toFixed(2)} s later: its first pose is held until then`,
    );
  }
  if (job.shape === "motion" && !moving) {
    onNotice?.(`"${source}" has no shape for this body: the reference's is taken`);
  }
  const shape = (job.shape === "motion" ? moving : undefined) ?? known;
  const place = offset.map((metres, axis) => metres + (beside?.[axis] ?? 0));
  const poses = moments.map((moment) => {
    const { pose, translation: [x, y, z] } = motionFrame(motion, moment);
    return {
      pose,
      translation: [x + place[0], y + place[1], z + place[2]] as const,
      ...(shape ? { shape } : {}),
    };
  });
  const beyond = track ? await otherBuild(track, { body, shape }) : [0, 0, 0];
  const seenBy = cameras && ((size: { readonly width: number; readonly height: number }) => {
    const shift = place.map((metres, axis) => metres + beyond[axis]);
    const path = cameras(size).map((camera) => shiftCamera(camera, shift));
    return moments.map((moment) => path[Math.min(moment, path.length - 1)]);
  });
  return { poses, seenBy };
}
