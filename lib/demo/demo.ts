/**
 * The demonstration: a rendered person who is in no training set, made to walk before an orbiting
 * camera. The renderer gives the reference picture and the empty background, as a user would; its own
 * clip of the walk is written beside the result and is never shown to the models.
 * @module
 */
import { join } from "node:path";
import {
  bodyPath,
  HELD_OUT_SEED,
  readBody,
  renderClip,
  renderReference,
  type SynthClip,
} from "../data/mod.ts";
import { formatCameras, type Motion } from "../geometry/mod.ts";
import {
  encodeRgbaPng,
  type Frames,
  withAlpha,
  writeBytes,
  writePng,
  writeText,
  writeVideo,
} from "../io/mod.ts";
import { bodyPicture, contactSheet } from "../preview/mod.ts";
import {
  drawScene,
  formatPose,
  loadScene,
  openBackground,
  paintScene,
  type Scene,
} from "../pipelines/scene/mod.ts";
import { type Job, parseJob } from "../pipelines/job/mod.ts";

/** Pixels of a side, and how long the video is. */
const SIZE = 256, FRAMES = 33, FPS = 16;

/** What the demonstration is made of. */
export interface DemoOptions {
  readonly folder: string;
  readonly weights: string;
  /** Counts held-out people. */
  readonly person: number;
  readonly seed: number;
}

/** The demonstration's job and what its sheet shows besides the result. */
export interface Demo {
  readonly job: Job;
  readonly scene: Scene;
  readonly truth: SynthClip;
}

/** Renders `reference.png`, its pose and `background.mp4` into the folder, and the job that uses them. */
export async function prepareDemo({ folder, weights, person, seed }: DemoOptions): Promise<Demo> {
  await Deno.mkdir(folder, { recursive: true });
  const body = await readBody(bodyPath);
  const rendered = HELD_OUT_SEED + person;
  const { reference, referenceMask, referencePose, referenceCamera } = renderReference(body, {
    ...{ seed: rendered, width: 2 * SIZE, height: 2 * SIZE, metered: true },
  });
  const [image, pose] = [join(folder, "reference.png"), join(folder, "reference.json")];
  const { translation: [x, y, z] } = referencePose;
  const cameras = JSON.parse(formatCameras([referenceCamera]));
  const cutOut = withAlpha(reference.data, referenceMask);
  await writeBytes(image, await encodeRgbaPng({ ...reference, data: cutOut }));
  await writeText(pose, formatPose({ ...referencePose, translation: [x, y, z] }, cameras));
  const background = join(folder, "background.mp4");
  const job = parseJob({
    reference: { image, pose },
    persons: [{ motion: "builtin:walk" }],
    camera: "orbit:deg=60,azimuth=-50",
    background,
    ...{ width: SIZE, height: SIZE, frames: FRAMES, fps: FPS, weights, seed },
    output: join(folder, "result.mp4"),
  });
  const scene = await loadScene(job, { bodyPath });
  const truth = renderClip(body, {
    ...{ seed: rendered, width: SIZE, height: SIZE, metered: true },
    motion: motionOf(scene, job.fps),
    cameras: scene.cameras,
  });
  await writeVideo(background, truth.background);
  return { job, scene, truth };
}

/** Writes `truth.mp4` and the contact sheet once the result is there; returns their paths. */
export async function finishDemo(
  { truth, scene, job }: Demo,
  { folder, result }: { readonly folder: string; readonly result: Frames },
): Promise<string[]> {
  const paths = [join(folder, "truth.mp4"), join(folder, "contact_sheet.png")];
  await writeVideo(paths[0], truth.frames);
  const sheet = await contactSheet({
    reference: scene.persons[0].reference.picture,
    rows: [
      { label: "body", clip: bodyClip(scene, job) },
      ...job.weights === "none"
        ? [{ label: "result: the body in the reference's pixels", clip: result }]
        : [
          {
            label: "prior: the body in the reference's pixels",
            clip: await paintedClip(scene, job),
          },
          { label: "result", clip: result },
        ],
      { label: "truth, which no model saw", clip: truth.frames },
    ],
  });
  await writePng(paths[1], sheet);
  return paths;
}

/** What is known of the picture before any model has worked. */
async function paintedClip(scene: Scene, job: Job): Promise<Frames> {
  const { width, height, fps } = job;
  const painted = await paintScene(job, scene);
  const frames: Uint8Array[] = [];
  for await (const { rgb } of drawScene(scene, painted, await openBackground(job))) {
    frames.push(rgb);
  }
  const data = new Uint8Array(frames.length * width * height * 3);
  frames.forEach((frame, i) => data.set(frame, i * frame.length));
  return { width, height, count: frames.length, fps, data };
}

function motionOf({ persons }: Scene, fps: number): Motion {
  const { poses } = persons[0];
  const motion = {
    fps,
    frames: poses.length,
    poses: new Float32Array(poses.length * 72),
    translations: new Float32Array(poses.length * 3),
  };
  for (const [frame, { pose, translation }] of poses.entries()) {
    motion.poses.set(pose, frame * 72);
    motion.translations.set(translation, frame * 3);
  }
  return motion;
}

function bodyClip({ body, persons, cameras }: Scene, { width, height, fps }: Job): Frames {
  const size = width * height * 3;
  const data = new Uint8Array(cameras.length * size);
  for (const [frame, camera] of cameras.entries()) {
    const poses = persons.map(({ poses }) => poses[frame]);
    data.set(bodyPicture(body, poses, camera), frame * size);
  }
  return { width, height, count: cameras.length, fps, data };
}
