/**
 * A tracked person as files for people and other programs.
 * @module
 */
import { join } from "node:path";
import { exportMotion, smplMotion, writeBvh, writeCameras, writeMotion } from "../../data/mod.ts";
import type { BodyMesh } from "../../geometry/mod.ts";
import { writeBytes, writeJson, writeVideo } from "../../io/mod.ts";
import type { TrackedClip } from "./track_clip.ts";
import { trackedFrames } from "./tracked_frames.ts";

/** Names of {@linkcode writeTrack}'s files. */
export const trackFiles = {
  /** What was found and how far it is to be trusted, frame by frame. */
  record: "track.json",
  /** isa4d-motion with shape and cameras. */
  motion: "motion.json",
  amass: "motion.npz",
  bvh: "motion.bvh",
  cameras: "cameras.json",
  mask: "mask.mp4",
  scene: "scene.png",
} as const;

/** What marks a folder of tracks. */
export const TRACK_FORMAT = "isa4d-track";

/**
 * Writes a person's motion for `--motion`, AMASS and BVH, the cameras, the mask as a video, the scene
 * without anybody, and a record of all. Each file appears whole or not at all. Throws
 * {@linkcode IoError} where the disk or the permissions refuse.
 */
export async function writeTrack(
  folder: string,
  track: TrackedClip,
  { body, signal }: { readonly body: BodyMesh; readonly signal?: AbortSignal },
): Promise<string[]> {
  const { motion, shape, cameras, fps } = track;
  const path = (name: keyof typeof trackFiles) => join(folder, trackFiles[name]);
  await writeMotion(path("motion"), motion, { shape, cameras });
  await exportMotion(path("amass"), await smplMotion(track.file, { body }), "amass");
  await writeBvh(path("bvh"), motion, { body, shape });
  await writeCameras(path("cameras"), { cameras, fps });
  await writeMask(path("mask"), track, signal);
  await writeBytes(path("scene"), await Deno.readFile(track.scene.path));
  await writeJson(path("record"), recordOf(track));
  return Object.values(trackFiles).map((name) => join(folder, name));
}

/** White where the person is; even sides, as H.264 wants them. */
async function writeMask(path: string, track: TrackedClip, signal?: AbortSignal): Promise<void> {
  const { person: { id } } = track;
  const [width, height] = [track.width, track.height].map((side) => side - side % 2);
  const masks = async function* () {
    for await (const { persons } of trackedFrames(track)) {
      signal?.throwIfAborted();
      const data = persons.find((person) => person.id === id)?.mask?.data;
      yield Uint8Array.from({ length: width * height * 3 }, (_, i) => {
        const pixel = Math.floor(i / 3);
        return data?.[Math.floor(pixel / width) * track.width + pixel % width] ?? 0;
      });
    }
  };
  await writeVideo(path, { width, height, fps: track.fps, frames: masks() });
}

function recordOf({ path, person, persons, camera, cameras, ...track }: TrackedClip) {
  const { width, height, fps, motion: { frames }, scene, fits, notices } = track;
  const { left, top, filled } = scene;
  return {
    ...{ format: TRACK_FORMAT, version: 1, source: path, width, height, fps, frames },
    ...{ person: person.number, persons, notices },
    camera: { kind: camera.kind, says: camera.says, focal: cameras[0].fx },
    scene: { left, top, width: scene.width, height: scene.height, filled },
    fits,
  };
}
