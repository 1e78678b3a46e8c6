/**
 * From a job's description to its video, or to its frames one by one: the library's shortest way.
 * @module
 */
import { resolve } from "node:path";
import { ConfigError } from "../../errors.ts";
import type { FrameStream } from "../../io/mod.ts";
import {
  type Job,
  type JobInput,
  mapJobPaths,
  parseJob,
  readWritten,
  type WrittenJob,
} from "../job/mod.ts";
import {
  checkOutput,
  type GenerationRecord,
  makeRecord,
  type Seal,
  writeOutput,
} from "../record/mod.ts";
import { sizedAsInputs } from "../scene/mod.ts";
import { findJobWeights } from "../weights/mod.ts";
import { generate } from "./generate.ts";
import type { GenerateOptions } from "./generate_options.ts";

/** Who listens, what is kept from one video to the next, and the program's own sampler. */
export interface GenerateVideoOptions extends Omit<GenerateOptions, "files"> {
  /** Signs the video. */
  readonly seal?: Seal;
}

/**
 * Makes a job's video at its `output`, with its record beside it, over what was there; returns the
 * paths written. Paths start at the working directory.
 *
 * Throws {@linkcode ConfigError} for a job that is none, before any work, and errors as `generate`.
 */
export async function generateVideo(
  job: WrittenJob,
  options: GenerateVideoOptions = {},
): Promise<string[]> {
  const parsed = await fullJob(job);
  const { output } = parsed;
  if (output === "-") throw new ConfigError("output -: a video has a path, frames have none");
  await checkOutput(output, parsed);
  const weights = await findJobWeights(parsed.weights);
  const record = withSampler(await makeRecord(parsed, weights.all), options);
  const written: string[] = [];
  await generate(parsed, weights, async (frames) => {
    written.push(
      ...await writeOutput(frames, { output, record, replace: true, seal: options.seal }),
    );
  }, options);
  return written;
}

/**
 * The frames of a job, rgb24 of its size, as they are decoded; nothing is written. Who stops early
 * ends the generation. Errors as of {@linkcode generateVideo}.
 */
export async function* generateFrames(
  job: Omit<WrittenJob, "output">,
  options: GenerateVideoOptions = {},
): AsyncGenerator<Uint8Array> {
  const parsed = await fullJob({ ...job, output: "-" });
  const weights = await findJobWeights(parsed.weights);
  const opened = Promise.withResolvers<FrameStream>();
  const taken = Promise.withResolvers<void>();
  const generation = generate(parsed, weights, (video) => {
    opened.resolve(video);
    return taken.promise;
  }, options);
  try {
    const video = await Promise.race([opened.promise, generation]);
    if (video) yield* video.frames;
  } finally {
    taken.resolve();
    await generation;
  }
}

/** With all paths from the root on, as records need them, and as large and long as its inputs are. */
async function fullJob(job: WrittenJob): Promise<Job> {
  parseJob(job);
  const sized = await sizedAsInputs(readWritten(job) as Partial<JobInput>, resolvePath);
  return mapJobPaths(parseJob(sized), resolvePath);
}

const resolvePath = (path: string) => resolve(path);

/** A sampler that is no job's stands in the record by its name alone. */
function withSampler(
  record: GenerationRecord,
  { sampler }: GenerateVideoOptions,
): GenerationRecord {
  if (sampler === undefined) return record;
  const name = typeof sampler === "function" ? sampler.name || "a program's own" : sampler;
  return { ...record, versions: { ...record.versions, sampler: name } };
}
