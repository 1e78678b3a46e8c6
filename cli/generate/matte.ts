/**
 * The matte of `isa4d generate`: the persons alone, with opacity.
 * @module
 */
import { UsageError } from "../../lib/errors.ts";
import { alphaContainer, writeAlpha } from "../../lib/io/mod.ts";
import type { Job } from "../../lib/pipelines/job/mod.ts";
import {
  findJobWeights,
  generateMatte,
  type GenerateProgress,
  makeRecord,
  type ModelSource,
  originOf,
  portableRecord,
  type Seal,
  sealing,
} from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { makeProgress } from "../support/progress.ts";

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
  { path, replace, models, seal }: {
    readonly path: string;
    readonly seal?: Seal;
    readonly replace?: boolean;
    readonly models?: ModelSource;
  },
  context: Context,
): Promise<string[]> {
  const weights = await findJobWeights(job.weights);
  const record = await makeRecord(job, weights.all);
  const alone = { ...job, background: "none" };
  const origin = await originOf({ ...record, job: alone });
  const progress = makeProgress(context);
  try {
    await generateMatte(job, weights, async (person) => {
      await writeAlpha(path, person, {
        metadata: JSON.stringify(portableRecord(record, path)),
        origin,
        finish: seal && sealing(alone, origin, seal),
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
