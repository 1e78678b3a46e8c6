/**
 * What `isa4d preview` does once its flags are read.
 * @module
 */
import { bodyPath } from "../../lib/data/mod.ts";
import { UsageError } from "../../lib/errors.ts";
import {
  type FrameStream,
  videoContainer,
  videoEndings,
  writePng,
  writeVideo,
} from "../../lib/io/mod.ts";
import { drawPreview, inspectJob } from "../../lib/preview/mod.ts";
import type { Context } from "../support/context.ts";
import { type JobFlags, requestedJob } from "../support/job_flags.ts";
import { jobReads } from "../support/job_outputs.ts";
import { requireInputs } from "../support/older_record.ts";
import { checkOutputs, type OverwriteFlag } from "../support/outputs.ts";
import { refuseWarnings, reportWarnings } from "../support/scene_warnings.ts";
import { trackVideos } from "../support/track_videos.ts";

/** All flags of `isa4d preview`. */
export interface PreviewFlags extends JobFlags, OverwriteFlag {
  readonly output: string;
  readonly strict?: true;
  readonly json?: true;
}

/** Draws the preview of the flags' job and reports every finding. */
export async function runPreview(flags: PreviewFlags, context: Context): Promise<void> {
  // The video itself is not made: where it would go does not matter here.
  const { job } = await requestedJob({ ...flags, output: "-" }, context.path);
  const { sheet, video } = outputs(context.path(flags.output));
  const planned = [sheet, video].map((path) => path === undefined ? path : { flag: "-o", path });
  const inputs = await jobReads(job, flags, context.path);
  await checkOutputs(planned, { ...flags, inputs }, context);
  if (flags.from !== undefined) await requireInputs(flags.from, { job });
  await trackVideos(job, context);
  const notices: string[] = [];
  const onNotice = (notice: string) => {
    if (notices.includes(notice)) return;
    notices.push(notice);
    context.warn(notice);
  };
  const inspected = await inspectJob(job, { bodyPath, onNotice });
  const { warnings } = inspected;
  const consume = video === undefined
    ? undefined
    : (frames: FrameStream) => writeVideo(video, frames);
  const picture = await drawPreview(inspected, {
    consume,
    onNotice,
    notices,
    signal: context.signal,
  });
  if (sheet !== undefined) await writePng(sheet, picture);
  const files = [sheet, video].filter((path) => path !== undefined);
  reportWarnings(warnings, context);
  for (const path of files) context.notice(`wrote ${path}`);
  const record = { format: "isa4d-preview", version: 1, job, files, warnings, notices };
  if (flags.json) await context.print(JSON.stringify(record));
  if (flags.strict) refuseWarnings(warnings);
}

/** A name ending in .png asks for the sheet, one of a video for that, any other for both. */
function outputs(name: string): { sheet?: string; video?: string } {
  if (/\.png$/i.test(name)) return { sheet: name };
  if (videoContainer(name)) return { video: name };
  if (/\.[a-z][a-z0-9]{1,4}$/i.test(name)) {
    throw new UsageError(
      `-o "${name}": expected a name ending in .png, ${videoEndings}, or one without ending`,
    );
  }
  return { sheet: `${name}.png`, video: `${name}.mp4` };
}
