/**
 * Named sets of sampling settings.
 * @module
 */
import { z } from "zod";
import { field } from "./field.ts";
import { type JobInput, jobObject } from "./schema.ts";

const sampling = jobObject.pick({ sampler: true, steps: true, cfgScale: true, cfgEvery: true });

/** What each name stands for; `good` is the fields' own defaults. */
export const qualities = {
  draft: { ...sampling.parse({}), sampler: "dpm++2m", steps: 8, cfgEvery: 2 },
  good: sampling.parse({}),
  best: { ...sampling.parse({}), sampler: "dpm++2m", steps: 60 },
} as const satisfies Record<string, z.infer<typeof sampling>>;

/** The name of a set. */
export type Quality = keyof typeof qualities;

/** All names. */
export const qualityNames = Object.keys(qualities) as [Quality, ...Quality[]];

/**
 * A job as it is written: a set may stand for the settings that it names.
 * @internal
 */
export const writtenJobSchema = z.strictObject({
  quality: field(
    z.enum(qualityNames).optional(),
    "sampler, steps and guidance as a set; values that you give yourself win",
    { group: "sampling", takes: "<set>", shown: "good" },
  ),
  ...jobObject.shape,
});

/** A job, or a part of one, as it is written. */
export type WrittenJob = (typeof writtenJobSchema)["_input"];

/** The written fields with a set's in place of its name. */
export function withQuality({ quality, ...job }: Partial<WrittenJob>): Partial<JobInput> {
  return quality === undefined ? job : { ...qualities[quality], ...job };
}
