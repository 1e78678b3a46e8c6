/**
 * The videos that one call of `isa4d generate` makes: a seed or several, over a background or several.
 * @module
 */
import { basename, dirname, extname, join } from "node:path";
import { UsageError } from "../../lib/errors.ts";
import { isSequencePattern } from "../../lib/io/mod.ts";
import { isFile, type Job } from "../../lib/pipelines/job/mod.ts";
import type { Context } from "../support/context.ts";

/** One video, and what is written besides. */
export interface Video {
  readonly job: Job;
  /** The flag that asks for it. */
  readonly flag: "-o" | "--seed" | "--over";
  /** Full paths. */
  readonly matte?: string;
  readonly saveLatents?: string;
}

/** What asks for more than one video. */
export interface VideoFlags {
  readonly seeds?: readonly number[];
  readonly over?: readonly string[];
  readonly latents?: string;
  readonly matte?: string;
  readonly saveLatents?: string;
}

/** All videos: the job with each seed, named after it, and each of them over the other backgrounds. */
export function videosOf(job: Job, flags: VideoFlags, context: Context): Video[] {
  const { seeds = [job.seed], over = [], latents } = flags;
  if (new Set(seeds).size < seeds.length) throw new UsageError("--seed gives one seed twice");
  for (const [flag, several] of [["--seed", seeds.length > 1], ["--over", over.length > 0]]) {
    if (several && latents !== undefined) {
      throw new UsageError(`${flag} samples anew: leave out --latents, which samples nothing`);
    }
    if (several && job.output === "-") {
      throw new UsageError(`${flag} writes several videos: give -o a name instead of -`);
    }
  }
  const named = (path: string, seed: number) =>
    seeds.length > 1 ? withName(path, `seed${seed}`) : path;
  const besides = (path: string | undefined, seed: number) =>
    path === undefined ? undefined : context.path(named(path, seed));
  return seeds.flatMap((seed, i): Video[] => {
    const own = { ...job, seed, output: named(job.output, seed) };
    const [matte, saveLatents] = [besides(flags.matte, seed), besides(flags.saveLatents, seed)];
    return [
      { job: own, flag: i === 0 ? "-o" : "--seed", matte, saveLatents },
      ...over.map((background): Video => ({
        job: {
          ...own,
          background: isFile.background(background) ? context.path(background) : background,
          output: withName(own.output, backgroundName(background)),
        },
        flag: "--over",
      })),
    ];
  });
}

/** `street` of `street.mp4`, and the digits of a colour. */
function backgroundName(background: string): string {
  return basename(background, extname(background)).replace(/^#/, "");
}

/** `out.mp4` and `street` are `out.street.mp4`, and `out/%04d.png` is `out.street/%04d.png`. */
function withName(output: string, name: string): string {
  if (isSequencePattern(output)) return join(`${dirname(output)}.${name}`, basename(output));
  const ending = extname(output);
  return `${output.slice(0, output.length - ending.length)}.${name}${ending}`;
}
