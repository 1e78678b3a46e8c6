/**
 * Results of isa4d on disk: the videos, and the record of what made them.
 * @module
 */
import { basename, dirname, join } from "node:path";
import { InputError } from "../errors.ts";
import { isSequencePattern, sequencePath, videoContainer } from "../io/mod.ts";
import { type GenerationRecord, readRecord } from "../pipelines/mod.ts";

/** Pictures of a result: a video file, or numbered PNG files in a row. */
export type Pictures =
  | { readonly kind: "video"; readonly path: string }
  | { readonly kind: "pictures"; readonly paths: readonly string[] };

/** A result that has been found. */
export interface Result {
  /** The name that the page shows. */
  readonly name: string;
  /** What was asked for, for messages and for files beside it. */
  readonly path: string;
  readonly record: GenerationRecord;
  /** One a view, with its name and, where it is not the job's own, its camera. */
  readonly views: readonly ResultView[];
}

/** One video of a result. */
export interface ResultView {
  readonly name: string;
  readonly pictures: Pictures;
  /** A camera as in a job; the job's own where absent. */
  readonly camera?: string;
}

/**
 * Finds the result that `path` names: a video, its record (`out.mp4.json`), or a folder of numbered
 * pictures. Throws {@linkcode InputError} for what isa4d did not make and for missing files.
 */
export async function findResult(path: string): Promise<Result> {
  const found = await Deno.stat(path).catch(() => undefined);
  if (!found) throw new InputError(`there is no "${path}"`);
  if (found.isDirectory) return await pictureResult(path);
  if (path.endsWith(".json")) return await resultOfRecord(path);
  if (!videoContainer(path)) {
    throw new InputError(
      `cannot view "${path}": expected a video of isa4d, its .json record, or a folder of its pictures`,
    );
  }
  return videoResult(path, await recordOf(path));
}

function videoResult(path: string, record: GenerationRecord): Result {
  const pictures = { kind: "video", path } as const;
  return { name: basename(path), path, record, views: [{ name: "video", pictures }] };
}

/** The record inside a video; where a tool has taken it out, the one beside it. */
async function recordOf(path: string): Promise<GenerationRecord> {
  try {
    return await readRecord(path);
  } catch (error) {
    const beside = `${path}.json`;
    const there = await Deno.stat(beside).then(() => true, () => false);
    if (!(error instanceof InputError) || !there) throw error;
    return await readRecord(beside);
  }
}

async function resultOfRecord(path: string): Promise<Result> {
  const record = await readRecord(path);
  if (basename(path) === "metadata.json") return await pictureResult(dirname(path));
  const video = path.replace(/\.json$/, "");
  const there = await Deno.stat(video).then(({ isFile }) => isFile, () => false);
  if (!there) throw new InputError(`"${path}" is a record, but its video "${video}" is not there`);
  return videoResult(video, record);
}

async function pictureResult(folder: string): Promise<Result> {
  const there = await Deno.stat(join(folder, "metadata.json")).then(() => true, () => false);
  if (!there) {
    throw new InputError(
      `cannot view "${folder}": a folder of pictures that isa4d made has a metadata.json`,
    );
  }
  const record = await readRecord(folder);
  const { output, frames } = record.job;
  const pattern = isSequencePattern(output) ? basename(output) : "%04d.png";
  const paths = Array.from(
    { length: frames },
    (_, i) => join(folder, sequencePath(pattern, i + 1)),
  );
  for (const path of paths) {
    const is = await Deno.stat(path).then(({ isFile }) => isFile, () => false);
    if (!is) {
      throw new InputError(
        `the record of "${folder}" tells of ${frames} frames, but "${path}" is not there`,
      );
    }
  }
  const pictures = { kind: "pictures", paths } as const;
  return {
    name: basename(folder),
    path: folder,
    record,
    views: [{ name: "video", pictures }],
  };
}
