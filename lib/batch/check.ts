/**
 * What can be said about jobs without reading their files: whether these are there, and whether names
 * mean something.
 * @module
 */
import { IsaError } from "../errors.ts";
import { checkBuiltin } from "../data/mod.ts";
import { parseCameraPath, parseSmoothing } from "../geometry/mod.ts";
import { checkContainer, videoContainer } from "../io/mod.ts";
import { checkBackground } from "../pipelines/scene/mod.ts";
import { inputFiles, isFile, type Job } from "../pipelines/job/mod.ts";
import { findJobWeights } from "../pipelines/weights/mod.ts";
import type { BatchEntry, LineProblem } from "./jobs_file.ts";

/** Finds what would make jobs fail at once; each file and name is looked at once. */
export async function checkEntries(
  entries: readonly Pick<BatchEntry, "line" | "job">[],
): Promise<LineProblem[]> {
  const seen = new Map<string, Promise<string | undefined>>();
  const once = (key: string, check: () => Promise<string | undefined>) => {
    if (!seen.has(key)) seen.set(key, check());
    return seen.get(key)!;
  };
  const problems: LineProblem[] = [];
  for (const { line, job } of entries) {
    const found = await Promise.all([
      ...inputFiles(job).map((path) => once(`file ${path}`, () => checkFile(path))),
      once(`weights ${job.weights}`, () => failure(() => findJobWeights(job.weights))),
      ...names(job).map(([key, check]) => once(key, () => failure(check))),
    ]);
    const messages = found.filter((message) => message !== undefined);
    if (messages.length > 0) problems.push({ line, message: messages.join("; ") });
  }
  return problems;
}

async function checkFile(path: string): Promise<string | undefined> {
  try {
    const { isDirectory } = await Deno.stat(path);
    return isDirectory ? `"${path}" is a folder, expected a file` : undefined;
  } catch {
    return `there is no file "${path}"`;
  }
}

async function failure(check: () => unknown): Promise<string | undefined> {
  try {
    await check();
  } catch (error) {
    if (error instanceof IsaError) return error.message;
    throw error;
  }
}

/** Somebody of 1.6 m, for camera paths that need somebody to look at. */
const subject = { min: [-0.5, 0, -0.5], max: [0.5, 1.6, 0.5] } as const;

/** Cameras that come with a motion or a picture. */
const givenCameras = ["auto", "motion", "photo"];

function names(job: Job): [string, () => unknown][] {
  const { output, width, height, fps, camera, smooth, background } = job;
  const container = videoContainer(output);
  const paths = [camera, job.reference.camera, ...job.persons.map((p) => p.reference?.camera)]
    .filter((path) => path !== undefined).filter((path) =>
      !isFile.camera(path) && !givenCameras.includes(path)
    );
  return [
    ...job.persons.map((
      { motion },
    ): [string, () => unknown] => [motion, () => checkMotion(motion)]),
    [`smooth ${smooth}`, () => parseSmoothing(smooth)],
    // A file's being there is among the inputs.
    ...(isFile.background(background)
      ? []
      : [[`background ${background}`, () => checkBackground(background)] as [
        string,
        () => unknown,
      ]]),
    ...paths.map((path): [string, () => unknown] => [
      `camera ${path} ${width}:${height}`,
      () => parseCameraPath(path, { frames: 1, width, height, subject }),
    ]),
    ...(container
      ? [[
        `container ${container} ${width} ${height} ${fps}`,
        () => checkContainer(output, container, { width, height, rate: fps }),
      ] as [string, () => unknown]]
      : []),
  ];
}

function checkMotion(motion: string): void {
  if (motion.startsWith("builtin:")) checkBuiltin(motion.slice("builtin:".length));
}
