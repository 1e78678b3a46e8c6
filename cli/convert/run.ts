/**
 * What `isa4d convert` does once its flags are read.
 * @module
 */
import {
  cameraKindOf,
  cameraOutputs,
  exportMotion,
  loadMotion,
  losesHands,
  motionForBody,
  parseMotionSpec,
  readBody,
  readCameras,
  smplMotion,
  writeBvh,
  writeCameras,
  writeGlb,
  writeMotion,
} from "../../lib/data/mod.ts";
import { InputError, UsageError } from "../../lib/errors.ts";
import {
  type CameraTrack,
  evenTrack,
  resampleCameras,
  scaleTrack,
  trackFrames,
} from "../../lib/geometry/mod.ts";
import { readText } from "../../lib/io/mod.ts";
import { fittedPose } from "../../lib/pipelines/job/mod.ts";
import { drivingVideo } from "../../lib/pipelines/scene/mod.ts";
import type { Context } from "../support/context.ts";
import { checkOutputs, type OverwriteFlag, requireEnding } from "../support/outputs.ts";
import {
  type CameraKind,
  type FileKind,
  isCameraKind,
  isColmapName,
  kindEndings,
  kindOfName,
  type MotionKind,
} from "./kinds.ts";
import { convertKeypoints, convertPhoto, isPhoto } from "./run_pose.ts";

/** Arguments and flags of `isa4d convert`. */
export interface ConvertFlags extends OverwriteFlag {
  readonly input: string;
  readonly output: string;
  readonly from?: FileKind;
  readonly to?: FileKind;
  readonly fps?: number;
  readonly width?: number;
  readonly height?: number;
  readonly scale?: number;
  readonly json?: true;
}

/** Converts, and prints what was written. */
export async function runConvert(flags: ConvertFlags, context: Context): Promise<void> {
  if ((flags.width === undefined) !== (flags.height === undefined)) {
    throw new UsageError("a picture's size takes both, --width and --height");
  }
  const keypoints = fittedPose(flags.input);
  if (keypoints !== undefined) return await convertKeypoints(keypoints, flags, context);
  if (isPhoto(flags.input)) return await convertPhoto(flags, context);
  const input = flags.input.startsWith("builtin:") ? flags.input : context.path(flags.input);
  const output = { flag: "OUT", ...filesOf(context.path(flags.output), flags.to) };
  const { path, beside } = filesOf(input, flags.from);
  await checkOutputs([output], { ...flags, inputs: [path, ...beside] }, context);
  const from = flags.from ?? await kindOfContent(input);
  const to = flags.to ?? kindOfName(flags.output, isCameraKind(from) ? "cameras" : "motion");
  requireEnding("OUT", flags.output, kindEndings[to]);
  const paths = { input, output: output.path };
  const done = isCameraKind(to)
    ? await convertCameras({ ...flags, ...paths, from, to }, context)
    : await convertMotion({ ...flags, ...paths, from, to, named: flags.from }, context);
  const record = { output: paths.output, kind: to, ...done };
  await context.print(flags.json ? JSON.stringify(record) : lineOf({ ...done, ...flags, to }));
}

/** The files that a name stands for: those of a COLMAP model lie together. */
function filesOf(name: string, kind?: FileKind): { path: string; beside: string[] } {
  const isModel = kind === "colmap" || (kind === undefined && isColmapName(name));
  const [path, ...beside] = isModel ? cameraOutputs(name, "colmap") : [name];
  return { path, beside };
}

function lineOf({ output, to, frames, fps }: {
  readonly output: string;
  readonly to: FileKind;
  readonly frames: number;
  readonly fps?: number;
}): string {
  const count = frames === 1 ? "1 frame" : `${frames} frames`;
  return `${output}: ${to}, ${count}${fps === undefined ? "" : ` at ${fps} a second`}`;
}

type Conversion<To extends FileKind> = ConvertFlags & { readonly from: FileKind; readonly to: To };

async function kindOfContent(path: string): Promise<FileKind> {
  if (path.startsWith("builtin:")) return "isa4d-motion";
  const file = parseMotionSpec(path).path;
  if (drivingVideo(path)) {
    throw new InputError(
      `"${file}" is a video: isa4d track writes its motion as .json, .npz and .bvh, and its cameras`,
    );
  }
  const extension = /\.[^./]+$/.exec(file)?.[0].toLowerCase();
  if (extension === ".npz") return "smpl";
  if ([".pkl", ".pt", ".npy"].includes(extension ?? "")) return "tracks";
  if (extension === ".bvh") return "bvh";
  if (extension === ".glb") {
    throw new UsageError(`"${file}": glTF is written only, expected cameras or a motion to read`);
  }
  const text = await readText(file);
  const cameras = cameraKindOf(text);
  if (cameras) return cameras;
  if (/"format"\s*:\s*"isa4d-motion"/.test(text)) return "isa4d-motion";
  throw new InputError(
    `cannot tell what "${file}" is: expected cameras (isa4d-cameras JSON, transforms.json, ` +
      "RealEstate10K text, COLMAP's images.txt) or a motion (.npz, .pkl, .pt, .npy, .bvh, isa4d-motion JSON)",
  );
}

async function convertCameras(
  { input, output, from, to, fps, width, height, scale }: Conversion<CameraKind>,
  context: Context,
) {
  const size = width === undefined || height === undefined ? undefined : { width, height };
  const read = isCameraKind(from)
    ? await readCameras(input, { format: from, size })
    : await cameraOfMotion(input, size, context);
  const scaled = scale === undefined ? read : scaleTrack(read, scale);
  const track = fps === undefined ? scaled : atRate(scaled, fps);
  if (track.relative && to === "nerf") {
    context.warn(
      `"${input}" does not say where its cameras stand: in "${output}" the world is the first one's`,
    );
  }
  await writeCameras(output, track, to);
  const [camera] = track.cameras;
  return {
    frames: track.cameras.length,
    fps: evenTrack(track).fps,
    width: camera.width,
    height: camera.height,
  };
}

/** Resampled where the track has a rate or times; else the rate is its own from now on. */
function atRate(track: CameraTrack, fps: number): CameraTrack {
  const { times: _, ...rest } = track;
  if (track.fps === undefined && !track.times) return { ...rest, fps };
  const frames = Math.max(1, Math.floor(trackFrames(track, fps) + 1e-6));
  return { ...rest, cameras: resampleCameras(track, { fps, frames }), fps };
}

/** The camera that a tracker assumes, where the motion stays where the file has it. */
async function cameraOfMotion(
  input: string,
  size: { readonly width: number; readonly height: number } | undefined,
  context: Context,
): Promise<CameraTrack> {
  const { cameras, motion } = await loadMotion(input, {
    body: await readBody(),
    placement: "keep",
  });
  if (!cameras) throw new InputError(`"${input}" has no camera, only a motion`);
  const seen = cameras(size ?? { width: 0, height: 0 });
  if (seen[0].width === 0) {
    throw new UsageError(`"${input}" does not say how large its pictures are: give -W and -H`);
  }
  context.notice("the motion stands where this camera sees it with --placement file");
  return { cameras: seen, ...(seen.length > 1 ? { fps: motion.fps } : {}) };
}

async function convertMotion(
  { input, output, from, named, to, fps, scale, width, height }: Conversion<MotionKind> & {
    /** Of `--from`: what is only seen in a `.npz` is left to its reader. */
    readonly named?: FileKind;
  },
  context: Context,
) {
  if (isCameraKind(from)) {
    throw new UsageError(`"${input}" holds cameras, --to ${to} is for motions`);
  }
  if (to === "tracks") throw new UsageError("tracks are read only: take smpl or amass");
  if (scale !== undefined) throw new UsageError("--scale is for cameras: motions are in metres");
  if (to === "gltf" || to === "bvh") {
    return await convertWithBody({ input, output, to, fps, width, height }, context);
  }
  const body = await readBody();
  const layout = named === "amass" || named === "smpl" ? named : undefined;
  const motion = await smplMotion(input, { body, fps, layout });
  for (const notice of motion.notices) context.warn(notice);
  if (to === "isa4d-motion") {
    if (motion.betas?.some((beta) => beta !== 0)) {
      context.warn(`the betas of "${input}" are not kept: ${to} files have none`);
    }
    await writeMotion(output, motionForBody(motion, body));
  } else {
    if (to === "amass" && losesHands(motion.motion)) {
      context.warn(`the turns of the hands in "${input}" are not kept: AMASS has fingers instead`);
    }
    await exportMotion(output, motion, to);
  }
  return { frames: motion.motion.frames, fps: motion.motion.fps };
}

/** The motion with our body's skeleton; as glTF with its skin and the camera that saw it too. */
async function convertWithBody(
  { input, output, to, fps, width = 0, height = 0 }:
    & Pick<ConvertFlags, "input" | "output" | "fps" | "width" | "height">
    & { readonly to: "bvh" | "gltf" },
  context: Context,
) {
  const body = await readBody();
  const { motion, shape, cameras, notices } = await loadMotion(input, {
    ...{ body, fps, placement: "keep" },
  });
  for (const notice of notices) context.warn(notice);
  const done = { frames: motion.frames, fps: motion.fps };
  if (to === "bvh") {
    await writeBvh(output, motion, { body, shape });
    return done;
  }
  const seen = cameras?.({ width, height });
  const known = seen !== undefined && seen[0].width > 0;
  if (seen && !known) {
    context.warn(
      `"${input}" does not say how large its pictures are: the camera is left out (give -W and -H)`,
    );
  }
  await writeGlb(output, motion, { body, shape, cameras: known ? seen : undefined });
  return done;
}
