/**
 * Runs `isa4d eval video`: how close videos are to the true ones.
 * @module
 */
import { join } from "node:path";
import {
  definitionOf,
  findPairs,
  type FrameMetric,
  FrameScorer,
  makeProtocol,
  meanOfVideos,
  openPair,
  type Protocol,
  type ScoreName,
  scorePair,
  smallestSide,
  type SsimBorder,
  type VideoPair,
  type VideoScores,
  WorstFrames,
} from "../../lib/eval/mod.ts";
import { isNetMetric, type Metric, metrics, metricsOf } from "../../lib/eval/metrics/mod.ts";
import { encodePng, sequencePath, writeNumbered } from "../../lib/io/mod.ts";
import type { Context } from "../support/context.ts";
import { deviceOf } from "../support/device.ts";
import type { OverwriteFlag } from "../support/outputs.ts";
import { tellLeftOut } from "./left_out.ts";
import { loadPerceptual, type PerceptualFlags, type PerceptualNets } from "./perceptual.ts";
import {
  checkEval,
  type EvalRecord,
  giveRecord,
  type OutFlags,
  shown,
  textTable,
} from "./record.ts";
import { makeProgress } from "../support/progress.ts";

/** Flags of `isa4d eval video`. */
export interface EvalVideoFlags extends OutFlags, PerceptualFlags {
  readonly mask?: string;
  readonly metrics?: readonly FrameMetric[];
  readonly size?: { readonly width: number; readonly height: number };
  readonly frames?: number;
  readonly ignoreFps?: true;
  readonly ssimBorder: SsimBorder;
}

/** Worst frames that are kept as pictures. */
const WORST = 6;

/** What says best which frames are bad, where it is measured. */
const WORST_BY: readonly FrameMetric[] = ["lpips", "ssim", "psnr"];

interface VideoRecord extends EvalRecord {
  readonly kind: "video";
  readonly summary: ReturnType<typeof meanOfVideos>;
  readonly videos: readonly VideoScores[];
  /** Pictures beside the record: truth, result, difference. */
  readonly worst: readonly WorstPicture[];
}

interface WorstPicture {
  readonly file: string;
  readonly pair: string;
  readonly frame: number;
  readonly score: ScoreName;
  readonly value: number;
}

/** Scores one pair or two folders of them. */
export async function runEvalVideo(
  given: { readonly result: string; readonly truth: string },
  flags: EvalVideoFlags,
  context: Context,
): Promise<void> {
  const pictures = flags.output && join(context.path(flags.output), PICTURES);
  await checkEval("video", {
    flags,
    inputs: [
      ...[given.result, given.truth, flags.mask],
      ...[flags.lpipsNet, flags.lpipsLinear, flags.efficientnet],
    ],
    outputs: pictures ? [{ flag: "--output", path: pictures }] : [],
  }, context);
  const pairs = await findPairs({
    result: context.path(given.result),
    truth: context.path(given.truth),
    ...flags.mask === undefined ? {} : { mask: context.path(flags.mask) },
  });
  await tellLeftOut([given.result, given.truth].map(context.path), context);
  using nets = await loadPerceptual(flags, context);
  const metrics = flags.metrics ?? await defaultMetrics(pairs[0], { flags, nets, context });
  const worst = new WorstFrames(WORST);
  const videos = await scoreAll(pairs, { flags, context, metrics, nets, worst });
  const record: VideoRecord = {
    format: "isa4d-eval",
    version: 1,
    kind: "video",
    protocol: await protocolOf(videos, { flags, metrics, nets, context }),
    summary: meanOfVideos(videos),
    videos,
    worst: flags.output === undefined ? [] : worst.frames.map(worstPicture),
  };
  await giveRecord(record, table(record), { flags, context });
  // The pictures may fail; the record is there by then.
  if (record.worst.length > 0) await writeWorst(worst, context.path(flags.output!), flags);
}

interface Setting {
  readonly flags: EvalVideoFlags;
  readonly context: Context;
  readonly metrics: readonly FrameMetric[];
  readonly nets: PerceptualNets;
}

/** All that can be had; what cannot is told. */
async function defaultMetrics(
  first: VideoPair,
  { flags, nets, context }: Omit<Setting, "metrics">,
): Promise<FrameMetric[]> {
  const { width, height, batches } = await openPair(first, readOptions(flags));
  await batches.return(undefined);
  return metricsOf("frame").filter((name) => {
    if (isNetMetric(name)) return name in nets.nets;
    const side = smallestSide(name);
    if (Math.min(width, height) >= side) return true;
    context.notice(
      `no ${metrics[name].label}: it needs ${side} pixels a side, found ${width}×${height}`,
    );
    return false;
  });
}

function readOptions({ size, frames, ignoreFps }: EvalVideoFlags) {
  return { size, frames, ignoreFps };
}

async function scoreAll(
  pairs: readonly VideoPair[],
  { flags, context, metrics, nets, worst }: Setting & { readonly worst: WorstFrames },
): Promise<VideoScores[]> {
  const scorer = new FrameScorer({
    metrics,
    border: flags.ssimBorder,
    device: deviceOf(flags.device),
    nets: nets.nets,
  });
  const by = [...WORST_BY, ...metrics].find((name) => metrics.includes(name))!;
  const progress = makeProgress(context);
  const started = performance.now();
  const videos: VideoScores[] = [];
  try {
    for (const pair of pairs) {
      const options = { ...readOptions(flags), scorer, worst: { by, keep: worst } };
      videos.push(await scorePair(pair, { ...options, signal: context.signal }));
      const elapsedMs = performance.now() - started;
      const done = videos.length;
      if (pairs.length > 1) progress.update({ label: "videos", done, of: pairs.length, elapsedMs });
    }
  } finally {
    progress.stop();
  }
  return videos;
}

async function protocolOf(
  videos: readonly VideoScores[],
  { flags, metrics, nets }: Setting,
): Promise<Protocol> {
  const definition = (name: FrameMetric): string =>
    isNetMetric(name) ? nets.definitions[name]! : definitionOf(name, flags.ssimBorder);
  return makeProtocol({
    frames: videos.map(({ frames }) => frames),
    sizes: videos.map(({ width, height }) => `${width}×${height}`),
    resized: flags.size !== undefined,
    metrics: metrics.map(definition),
    weights: await nets.weightsOf(metrics),
  });
}

/** Names of the pictures of the worst frames. */
const PICTURES = "worst-%d.png";

type WorstFrame = WorstFrames["frames"][number];

function worstPicture({ pair, frame, score, value }: WorstFrame, place: number): WorstPicture {
  return { file: sequencePath(PICTURES, place + 1), pair, frame, score, value };
}

/** Pictures of the worst frames: truth, result, four times their difference. */
async function writeWorst(
  { frames }: WorstFrames,
  folder: string,
  { overwrite: replace }: OverwriteFlag,
): Promise<void> {
  const pattern = join(folder, PICTURES);
  await writeNumbered(pattern, encoded(frames), { replace });
}

async function* encoded(frames: readonly WorstFrame[]): AsyncGenerator<Uint8Array> {
  for (const frame of frames) yield await encodePng(besides(frame));
}

function besides({ width, height, truth, result }: {
  readonly width: number;
  readonly height: number;
  readonly truth: Uint8Array;
  readonly result: Uint8Array;
}) {
  const row = width * 3;
  const data = new Uint8Array(3 * row * height);
  const difference = truth.map((value, i) => Math.min(255, 4 * Math.abs(value - result[i])));
  for (const [place, picture] of [truth, result, difference].entries()) {
    for (let v = 0; v < height; v++) {
      data.set(picture.subarray(v * row, (v + 1) * row), (3 * v + place) * row);
    }
  }
  return { width: 3 * width, height, count: 1, fps: 1, data };
}

function digits(name: ScoreName): number {
  const { unit }: Metric = metrics[name];
  return unit === "dB" ? 2 : 4;
}

function table({ videos, summary }: VideoRecord): string[] {
  const names = Object.keys(summary) as ScoreName[];
  const row = (name: string, frames: string, values: readonly (number | null | undefined)[]) => [
    name,
    frames,
    ...values.map((value, i) => shown(value, digits(names[i]))),
  ];
  const rows = videos.map(({ name, frames, scores }) =>
    row(name, String(frames), names.map((score) => scores[score]))
  );
  if (videos.length > 1) {
    rows.push(row("mean", "", names.map((name) => summary[name]!.mean)));
    rows.push(row("deviation", "", names.map((name) => summary[name]!.deviation)));
  }
  return textTable([["video", "frames", ...names], ...rows]);
}
