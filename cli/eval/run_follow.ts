/**
 * Runs `isa4d eval follow`: results against the jobs that they carry.
 * @module
 */
import { bodyPath } from "../../lib/data/mod.ts";
import { UsageError } from "../../lib/errors.ts";
import {
  type Asked,
  type FollowFrame,
  type FollowScores,
  followScores,
  makeProtocol,
  MOTION_SIDE,
  weightsUsed,
} from "../../lib/eval/mod.ts";
import { loadSynthImageNet } from "../../lib/models/perceptual/mod.ts";
import { loadScene, openBackground, readRecord, shippedFeatures } from "../../lib/pipelines/mod.ts";
import type { Device } from "../../lib/tensor/mod.ts";
import type { Context } from "../support/context.ts";
import { type EvalRecord, giveRecord, type OutFlags, shown, textTable } from "./record.ts";

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
  const file = flags.features === undefined
    ? shippedFeatures("image")
    : context.path(flags.features);
  const device = flags.device as Device;
  const { net, vars } = await loadSynthImageNet(file, { device });
  try {
    const videos: FollowScores[] = [];
    const seeds: number[] = [];
    for (const result of results) {
      const path = context.path(result);
      const { asked, seed } = await askedOf(path, flags, context);
      videos.push(await followScores(path, asked, { net, device, signal: context.signal }));
      if (!seeds.includes(seed)) seeds.push(seed);
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

/** The geometry of the job that a result carries. */
async function askedOf(
  path: string,
  { record, foundBy }: EvalFollowFlags,
  context: Context,
): Promise<{ readonly asked: Asked; readonly seed: number }> {
  const { job } = await readRecord(record === undefined ? path : context.path(record));
  const onNotice = (text: string): void => context.warn(text);
  const { body, persons, cameras } = await loadScene(job, { bodyPath, onNotice });
  const background = foundBy === "network" ? undefined : await openBackground(job, onNotice);
  if (foundBy === "background" && !background) {
    throw new UsageError(
      `"${path}" was made without a background: --found-by network finds people`,
    );
  }
  return {
    seed: job.seed,
    asked: {
      body,
      frames: cameras.map((camera, frame) => ({
        camera,
        poses: persons.map(({ poses }) => poses[frame]),
      })),
      reference: persons[0].reference.picture,
      ...background ? { background } : {},
    },
  };
}

const columns: readonly (readonly [keyof FollowFrame, string, number])[] = [
  ["poseIou", "pose IoU", 3],
  ["stillIou", "IoU if still", 3],
  ["jointsFound", "joints", 3],
  ["cameraError", "camera error", 2],
  ["backgroundMotion", "its motion", 2],
  ["identity", "identity", 3],
];

function table(videos: readonly FollowScores[]): string[] {
  const header = ["video", ...columns.map(([, title]) => title)];
  const row = (name: string, scores: FollowScores["scores"]): string[] => [
    name,
    ...columns.map(([key, , digits]) => shown(scores[key], digits)),
  ];
  return textTable([
    header,
    ...videos.flatMap(({ path, scores, bySecond }) => [
      row(path.replace(/^.*\//, ""), scores),
      ...bySecond.map((second, i) => row(`  second ${i + 1}`, second)),
    ]),
  ]);
}
