/**
 * What `isa4d track` does once its flags are read.
 * @module
 */
import { join, relative } from "node:path";
import { parseMotionSpec, readBody } from "../../lib/data/mod.ts";
import { UsageError } from "../../lib/errors.ts";
import { readJson, writePng, writeVideo } from "../../lib/io/mod.ts";
import { drawTrackSheet, trackVideo } from "../../lib/preview/mod.ts";
import {
  doubtfulFrames,
  TRACK_FORMAT,
  trackClip,
  trackFiles,
  writeTrack,
} from "../../lib/track/mod.ts";
import type { Context } from "../support/context.ts";
import { filesIn, isRecord } from "../support/job_outputs.ts";
import { checkOutputs, type OverwriteFlag } from "../support/outputs.ts";
import { trackProgress } from "../support/track_progress.ts";

/** All flags of `isa4d track`. */
export interface TrackFlags extends OverwriteFlag {
  readonly output: string;
  readonly video?: true;
  readonly json?: true;
  readonly camera: string;
  readonly frames?: number;
  readonly fps?: number;
  readonly cache?: string;
}

/** Beside {@linkcode trackFiles}. */
const SHEET = "sheet.png", BODY = "body.mp4";

/** Tracks a video's person, writes the folder, prints where everything is. */
export async function runTrack(given: string, flags: TrackFlags, context: Context): Promise<void> {
  const { path, person, ...others } = parseMotionSpec(context.path(given));
  const [other] = Object.keys(others);
  if (other) throw new UsageError(`"${given}" has no "${other}", expected #person=N`);
  const { signal } = context;
  const folder = context.path(flags.output);
  const camera = /^(auto|still|turning)$/.test(flags.camera)
    ? flags.camera
    : context.path(flags.camera);
  await claimFolder(folder, { ...flags, inputs: [path, camera] }, context);
  const body = await readBody();
  const progress = trackProgress(context);
  const track = await trackClip(path, {
    ...{ body, person, camera, signal, ...progress },
    ...{ fps: flags.fps, maxFrames: flags.frames },
    cache: flags.cache === undefined ? undefined : context.path(flags.cache),
  }).finally(progress.stop);
  const files = await writeTrack(folder, track, { body, signal });
  const sheet = join(folder, SHEET);
  await writePng(sheet, await drawTrackSheet({ track, body, signal }));
  const video = flags.video ? [join(folder, BODY)] : [];
  for (const file of video) await writeVideo(file, trackVideo({ track, body, signal }));
  for (const notice of track.notices) context.warn(notice);
  for (const doubt of doubtfulFrames(track.fits)) {
    context.warn(`frames that do not fit well, ${doubt}`);
  }
  if (flags.json) {
    return await context.print(JSON.stringify(await readJson(join(folder, trackFiles.record))));
  }
  for (const file of [...files, sheet, ...video]) {
    await context.print(relative(context.io.cwd, file));
  }
}

/** Refuses a folder with files of others under the track's names. */
async function claimFolder(
  folder: string,
  { overwrite, inputs }: OverwriteFlag & { readonly inputs: readonly string[] },
  context: Context,
): Promise<void> {
  const isTrack = await isRecord(join(folder, trackFiles.record), [TRACK_FORMAT]);
  const known = { flag: "-o", ours: () => Promise.resolve(isTrack), renews: true };
  const names = [...Object.values(trackFiles), SHEET, BODY];
  await checkOutputs(filesIn(folder, names, known), { inputs, overwrite }, context);
}
