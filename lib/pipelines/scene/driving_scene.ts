/**
 * The scene of a driving video without anybody in it, as the background of a job.
 * @module
 */
import { InputError } from "../../errors.ts";
import { readImage } from "../../io/mod.ts";
import type { TrackedClip } from "../../track/mod.ts";
import type { Job } from "../job/mod.ts";
import { drivingTrack } from "./driving.ts";
import { momentsOf } from "./time_map.ts";

/** What a job says of it. */
export type DrivenScene = Pick<
  Job,
  "persons" | "camera" | "width" | "height" | "frames" | "fps" | "freezeFrame"
>;

/**
 * Pictures of the job's size, one a frame: one and the same of a camera that stands, what each frame
 * would show of one that turns, and of one that moves each frame without its persons.
 * Throws {@linkcode InputError} where the first person's motion is no video.
 */
export async function drivingScene(
  job: DrivenScene,
  onNotice?: (text: string) => void,
): Promise<AsyncGenerator<Uint8Array>> {
  const { persons: [{ motion }], camera } = job;
  const track = await drivingTrack(motion, job);
  if (!track) {
    throw new InputError(`--background driving: the motion "${motion}" is no video`);
  }
  if (camera !== "auto" && camera !== "motion") {
    onNotice?.(
      `the background is as the video's camera saw it, and the person as --camera ${camera} does; --camera motion goes with it`,
    );
  }
  return track.camera.kind === "still" ? standing(track, job) : following(track, job);
}

async function* standing(
  { scene }: TrackedClip,
  { width, height, frames }: DrivenScene,
): AsyncGenerator<Uint8Array> {
  const { data } = await readImage(scene.path, { width, height });
  for (let frame = 0; frame < frames; frame++) yield data;
}

async function* following(track: TrackedClip, job: DrivenScene): AsyncGenerator<Uint8Array> {
  const { fps, motion } = track;
  const { emptyCovering } = await import("../../track/mod.ts");
  const frames = emptyCovering(track, { width: job.width, height: job.height });
  let [read, data] = [0, new Uint8Array()];
  for (const moment of momentsOf(job)) {
    const at = Math.min(motion.frames - 1, Math.round(moment * fps / job.fps));
    for (; read <= at; read++) data = (await frames.next()).value ?? data;
    yield data;
  }
}
