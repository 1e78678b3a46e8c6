/**
 * Runs `isa4d eval follow`: results against the jobs that they carry.
 * @module
 */
import { dirname } from "node:path";
import { bodyPath } from "../../lib/data/mod.ts";
import { UsageError } from "../../lib/errors.ts";
import {
  type Asked,
  type FollowScores,
  followScores,
  makeProtocol,
  MOTION_SIDE,
  weightsUsed,
} from "../../lib/eval/mod.ts";
import { headOf, metricsOf } from "../../lib/eval/metrics/mod.ts";
import { isSequencePattern } from "../../lib/io/mod.ts";
import { loadSynthImageNet } from "../../lib/models/perceptual/mod.ts";
import { readGridRecord } from "../../lib/pipelines/grid/mod.ts";
import type { Job } from "../../lib/pipelines/job/mod.ts";
import {
  type GenerationRecord,
  loadScene,
  openBackground,
  readRecord,
  type Scene,
  shippedFeatures,
} from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { deviceOf } from "../support/device.ts";
import { isGridList, readGridList } from "./grid_list.ts";
import { resultReads } from "../support/job_outputs.ts";
import {
  checkEval,
  type EvalRecord,
  giveRecord,
  type OutFlags,
  shownScore,
  textTable,
} from "./record.ts";

/** Flags of `isa4d eval follow`. */
export interface EvalFollowFlags extends OutFlags {
  readonly record?: string;
  readonly foundBy?: "background" | "network";
  readonly features?: string;
  readonly device: string;
}

interface FollowRecord extends EvalRecord {
  readonly kind: "follow";
  readonly videos: readonly FollowScores[];
}

/** Scores results one after the other. */
export async function runEvalFollow(
  results: readonly string[],
  flags: EvalFollowFlags,
  context: Context,
): Promise<void> {
  const given = [...results, ...flags.record === undefined ? [] : [flags.record]];
  const behind = await Promise.all(given.map((path) => resultReads(context.path(path))));
  await checkEval("follow", { flags, inputs: [...behind.flat(), flags.features] }, context);
  const file = flags.features === undefined
    ? shippedFeatures("image")
    : context.path(flags.features);
  const device = deviceOf(flags.device);
  const { net, vars } = await loadSynthImageNet(file, { device });
  try {
    const videos: FollowScores[] = [];
    const seeds: number[] = [];
    for (const result of results) {
      for await (const { path, asked, seed } of askedOf(context.path(result), flags, context)) {
        videos.push(await followScores(path, asked, { net, device, signal: context.signal }));
        if (!seeds.includes(seed)) seeds.push(seed);
      }
    }
    const record: FollowRecord = {
      format: "isa4d-eval",
      version: 1,
      kind: "follow",
      protocol: makeProtocol({
        frames: videos.map(({ frames }) => frames),
        sizes: videos.map(({ width, height }) => `${width}×${height}`),
        resized: false,
        metrics: [
          ...new Set(videos.map(({ foundBy }) => `person found by ${foundBy}`)),
          "joints within a sixteenth of the height",
          `epipolar error of blocks at ${MOTION_SIDE} pixels a side at most`,
        ],
        weights: [await weightsUsed("isa4d image network", file)],
        seeds,
      }),
      videos,
    };
    await giveRecord(record, table(videos), { flags, context });
  } finally {
    vars.dispose();
  }
}

/** A video, and what its job asked for. */
interface AskedVideo {
  readonly path: string;
  readonly asked: Asked;
  readonly seed: number;
}

/** The geometry of the job that a result carries; of a grid's list, that of each view. */
async function* askedOf(
  path: string,
  flags: EvalFollowFlags,
  context: Context,
): AsyncGenerator<AskedVideo> {
  const onNotice = (text: string): void => context.warn(text);
  if (isGridList(path)) {
    if (flags.record !== undefined) {
      throw new UsageError("--record is for single videos: a grid's list names its own");
    }
    const { grid: { job, viewBackgrounds }, views, scene } = await readGridList(path, { onNotice });
    for (const [view, { path, cameras }] of views.entries()) {
      const own = viewBackgrounds.find((other) => other.view === view) ?? job;
      const viewJob = { ...job, background: own.background };
      yield await askedOfJob(path, viewJob, { scene: { ...scene, cameras }, flags, onNotice });
    }
    return;
  }
  const { job } = await readVideoRecord(path, flags, context);
  const scene = await loadScene(job, { bodyPath, onNotice });
  yield await askedOfJob(path, job, { scene, flags, onNotice });
}

/** As `readRecord`; a view or mosaic of a grid carries the whole grid's, which is told. */
async function readVideoRecord(
  path: string,
  { record }: EvalFollowFlags,
  context: Context,
): Promise<GenerationRecord> {
  // The record of numbered pictures lies in their folder.
  const own = isSequencePattern(path) ? dirname(path) : path;
  const from = record === undefined ? own : context.path(record);
  try {
    return await readRecord(from);
  } catch (cause) {
    if (!await readGridRecord(from).then(() => true, () => false)) throw cause;
    throw new UsageError(
      `"${from}" carries the record of a grid: give the list that lies beside it, out.grid.json`,
      { cause },
    );
  }
}

async function askedOfJob(
  path: string,
  job: Job,
  { scene: { body, persons, cameras }, flags: { foundBy }, onNotice }: {
    readonly scene: Scene;
    readonly flags: EvalFollowFlags;
    readonly onNotice: (text: string) => void;
  },
): Promise<AskedVideo> {
  const background = foundBy === "network" ? undefined : await openBackground(job, onNotice);
  if (foundBy === "background" && !background) {
    throw new UsageError(
      `"${path}" was made without a background: --found-by network finds people`,
    );
  }
  return {
    path,
    seed: job.seed,
    asked: {
      body,
      fps: job.fps,
      frames: cameras.map((camera, frame) => ({
        camera,
        poses: persons.map(({ poses }) => poses[frame]),
      })),
      reference: persons[0].reference.picture,
      ...background ? { background } : {},
    },
  };
}

function table(videos: readonly FollowScores[]): string[] {
  const names = metricsOf("follow");
  const header = ["video", ...names.map(headOf)];
  const row = (name: string, scores: FollowScores["scores"]): string[] => [
    name,
    ...names.map((key) => shownScore(key, scores[key])),
  ];
  return textTable([
    header,
    ...videos.flatMap(({ path, scores, bySecond }) => [
      row(path.replace(/^.*\//, ""), scores),
      ...bySecond.map((second, i) => row(`  second ${i + 1}`, second)),
    ]),
  ]);
}
