/**
 * What `isa4d generate` writes besides its video: the same over other backgrounds, and the matte.
 * @module
 */
import { basename, dirname, extname, join } from "node:path";
import { UsageError } from "../../lib/errors.ts";
import { alphaContainer, isSequencePattern, writeAlpha } from "../../lib/io/mod.ts";
import { isFile, type Job } from "../../lib/pipelines/job/mod.ts";
import {
  findJobWeights,
  generateMatte,
  type GenerateProgress,
  makeRecord,
  type ModelSource,
  portableRecord,
} from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { makeProgress } from "../support/progress.ts";

/** The jobs of `--over`: the same with another background and an output named after it. */
export function otherBackgrounds(
  job: Job,
  { over = [], latents }: { readonly over?: readonly string[]; readonly latents?: string },
  context: Context,
): Job[] {
  if (over.length > 0 && latents !== undefined) {
    throw new UsageError("--over samples anew: leave out --latents, which samples nothing");
  }
  if (over.length > 0 && job.output === "-") {
    throw new UsageError("--over writes several videos: give -o a name instead of -");
  }
  const jobs = over.map((background) => ({
    ...job,
    background: isFile.background(background) ? context.path(background) : background,
    output: namedAfter(job.output, background),
  }));
  return jobs;
}

/** `out.mp4` over `street.mp4` is `out.street.mp4`, and `out/%04d.png` is `out.street/%04d.png`. */
function namedAfter(output: string, background: string): string {
  const name = basename(background, extname(background)).replace(/^#/, "");
  if (isSequencePattern(output)) {
    return join(`${dirname(output)}.${name}`, basename(output));
  }
  const ending = extname(output);
  return `${output.slice(0, output.length - ending.length)}.${name}${ending}`;
}

/** Throws `UsageError` for a matte that cannot be made. */
export function checkMatte(path: string, { latents }: { readonly latents?: unknown }): void {
  if (!alphaContainer(path)) {
    throw new UsageError(
      `--matte "${path}" cannot hold opacity: name a .mov, a .webm or numbered pictures such as person/%04d.png`,
    );
  }
  if (latents) throw new UsageError("--matte samples anew: leave out --latents");
}

/** Makes and writes a job's matte; returns the paths written. */
export async function makeMatte(
  job: Job,
  { path, replace, models }: {
    readonly path: string;
    readonly replace?: boolean;
    readonly models?: ModelSource;
  },
  context: Context,
): Promise<string[]> {
  const weights = await findJobWeights(job.weights);
  const record = await makeRecord(job, weights.all);
  const progress = makeProgress(context);
  try {
    await generateMatte(job, weights, async (person) => {
      await writeAlpha(path, person, {
        metadata: JSON.stringify(portableRecord(record, path)),
        replace,
      });
    }, {
      onProgress: ({ stage, ...rest }: GenerateProgress) => {
        progress.update({ label: `matte: ${stage}`, ...rest });
      },
      onNotice: (text) => context.warn(text),
      signal: context.signal,
      models,
    });
  } finally {
    progress.stop();
  }
  return [path];
}
