/**
 * Poses that `isa4d convert` fits to what is known of one picture: a photo, or key points.
 * @module
 */
import { parseMotionSpec, readBody } from "../../lib/data/mod.ts";
import { InputError, UsageError } from "../../lib/errors.ts";
import type { BodyPose, Camera } from "../../lib/geometry/mod.ts";
import { formatCameras, scaleCamera } from "../../lib/geometry/mod.ts";
import { imageSize, writeText } from "../../lib/io/mod.ts";
import type { Context } from "../support/context.ts";
import { checkOutputs } from "../support/outputs.ts";
import type { ConvertFlags } from "./run.ts";

/** Whether the input is a picture: `photo.jpg`, `team.png#person=2`. */
export function isPhoto(input: string): boolean {
  return /\.(png|jpe?g|webp)(#[^#/]*)?$/i.test(input);
}

/** A body fitted to a photo's person, as a pose with the camera that took it. */
export async function convertPhoto(flags: ConvertFlags, context: Context): Promise<void> {
  const { path, person, ...other } = parseMotionSpec(context.path(flags.input));
  if (Object.values(other).some((value) => value !== undefined)) {
    throw new UsageError(
      `"${flags.input}" is a picture: expected ${path.split("/").at(-1)}#person=N`,
    );
  }
  const output = await poseOutput(flags, path, context);
  const { fitPhotoFile } = await import("../../lib/track/mod.ts");
  const found = await fitPhotoFile(path, {
    body: await readBody(),
    person,
    onProgress: (line) => context.notice(line),
  });
  if (!found) throw new InputError(`"${path}" shows nobody: expected a picture of a person`);
  for (const notice of found.notices) context.notice(notice);
  await writePose(
    output,
    { ...found, camera: scaleCamera(found.camera, await imageSize(path)) },
    flags,
    context,
  );
}

/** A body fitted to a person's key points, as a pose with its camera. */
export async function convertKeypoints(
  keypoints: string,
  flags: ConvertFlags,
  context: Context,
): Promise<void> {
  const { width, height } = flags;
  if (width === undefined || height === undefined) {
    throw new UsageError("key points do not say how large their picture is: give -W and -H");
  }
  const [path] = context.path(keypoints).split("#");
  const output = await poseOutput(flags, path, context);
  const { fitFile } = await import("../../lib/track/mod.ts");
  const size = { width, height };
  const fit = await fitFile(context.path(keypoints), { body: await readBody(), ...size });
  for (const notice of fit.notices) context.warn(notice);
  await writePose(output, fit, flags, context);
}

async function poseOutput(flags: ConvertFlags, input: string, context: Context): Promise<string> {
  if (!flags.output.endsWith(".json")) {
    throw new UsageError(`"${flags.output}": a pose is written to a name that ends in .json`);
  }
  const path = context.path(flags.output);
  await checkOutputs([{ flag: "OUT", path }], { ...flags, inputs: [input] }, context);
  return path;
}

interface FittedPose {
  readonly body: BodyPose;
  readonly camera: Camera;
  readonly error: number;
}

async function writePose(
  path: string,
  { body, camera, error }: FittedPose,
  { json }: ConvertFlags,
  context: Context,
): Promise<void> {
  const { formatPose } = await import("../../lib/pipelines/mod.ts");
  await writeText(path, formatPose(body, JSON.parse(formatCameras([camera]))));
  const record = { output: path, kind: "isa4d-pose", error };
  await context.print(json ? JSON.stringify(record) : `${path}: isa4d-pose`);
}
