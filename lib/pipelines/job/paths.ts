/**
 * Which parts of a job are files.
 * @module
 */
import type { Job, JobInput, Reference } from "./schema.ts";

/** Applies `resolve` to every path of a job that may be a file; names such as builtin:walk stay. */
export function mapJobPaths<T extends JobInput | Job>(
  job: T,
  resolve: (path: string) => string,
): T {
  const reference = <R extends Omit<Reference, "pose"> & { pose?: string }>(r: R): R => ({
    ...r,
    image: resolve(r.image),
    ...(r.pose !== undefined && isFile.pose(r.pose) ? { pose: mapPose(r.pose, resolve) } : {}),
    ...(r.camera !== undefined && isFile.camera(r.camera) ? { camera: resolve(r.camera) } : {}),
  });
  return {
    ...job,
    reference: reference(job.reference),
    persons: job.persons.map((person) => ({
      ...person,
      ...(isFile.motion(person.motion) ? { motion: resolve(person.motion) } : {}),
      ...(person.reference ? { reference: reference(person.reference) } : {}),
    })),
    ...(job.camera !== undefined && isFile.camera(job.camera)
      ? { camera: resolve(job.camera) }
      : {}),
    ...(job.body === undefined ? {} : { body: resolve(job.body) }),
    ...(job.loras === undefined
      ? {}
      : { loras: job.loras.map((lora) => ({ ...lora, file: resolve(lora.file) })) }),
    ...(job.background !== undefined && isFile.background(job.background)
      ? { background: resolve(job.background) }
      : {}),
    ...(job.weights !== undefined && isFile.weights(job.weights)
      ? { weights: resolve(job.weights) }
      : {}),
    ...(job.output === "-" ? {} : { output: resolve(job.output) }),
  };
}

/** What a pose of key points begins with. */
const FIT = "fit:";

/** The file of a pose that is fitted to key points, `fit:keypoints.json`; undefined for any other. */
export function fittedPose(pose: string): string | undefined {
  return pose.startsWith(FIT) ? pose.slice(FIT.length) : undefined;
}

function mapPose(pose: string, resolve: (path: string) => string): string {
  const keypoints = fittedPose(pose);
  return keypoints === undefined ? resolve(pose) : FIT + resolve(keypoints);
}

/** Which values of a job's fields are files and not names. */
export const isFile = {
  pose: (value: string): boolean => value !== "none",
  motion: (value: string): boolean => !value.startsWith("builtin:"),
  camera: (value: string): boolean => !/^[a-z]+(:|$)/.test(value),
  background: (value: string): boolean => value !== "none" && !value.startsWith("#"),
  /** A bare word is the name of shipped weights. */
  weights: (value: string): boolean => !/^[\w-]+$/.test(value),
} as const;

/** A file name without its `#frame=N` or `#tid=N` part. */
export function withoutFragment(path: string): string {
  return path.replace(/#[^#/]*$/, "");
}

/** Every file that a job reads, besides weights; each once. */
export function inputFiles(job: Job): string[] {
  const references = [job.reference, ...job.persons.flatMap((p) => p.reference ?? [])];
  const files = [
    ...references.map(({ image }) => image),
    ...references.map(({ pose }) => pose).filter(isFile.pose).map((pose) =>
      fittedPose(pose) ?? pose
    ),
    ...references.flatMap(({ camera }) => camera ?? []).filter(isFile.camera),
    ...job.persons.map(({ motion }) => motion).filter(isFile.motion),
    ...[job.camera].filter(isFile.camera),
    ...[job.background].filter(isFile.background),
    ...(job.body === undefined ? [] : [job.body]),
    ...job.loras.map(({ file }) => file),
  ];
  return [...new Set(files.map(withoutFragment))];
}
