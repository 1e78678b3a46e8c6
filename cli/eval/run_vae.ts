/**
 * Runs `isa4d eval vae`: what one or several VideoVAEs keep of held-out clips, and what their latents
 * are like, side by side.
 * @module
 */
import { basename, join } from "node:path";
import { openDataset } from "../../lib/data/mod.ts";
import { UsageError } from "../../lib/errors.ts";
import {
  analyseLatents,
  ContentHash,
  type LatentAnalysis,
  makeProtocol,
  weightsUsed,
} from "../../lib/eval/mod.ts";
import { type Frames, type PlannedOutput, writeText } from "../../lib/io/mod.ts";
import { loadVideoVae } from "../../lib/models/video_vae/mod.ts";
import { filesOf } from "../../lib/pipelines/mod.ts";
import { type ChartPoint, lineChart, readTrainLog } from "../../lib/report/mod.ts";
import type { Context } from "../support/context.ts";
import { deviceOf } from "../support/device.ts";
import { readClips } from "./held_out.ts";
import { filesIn } from "../support/job_outputs.ts";
import { checkEval, type EvalRecord, giveRecord, type OutFlags } from "./record.ts";
import type { NamedPath } from "../support/options.ts";

/** Flags of `isa4d eval vae`. */
export interface EvalVaeFlags extends OutFlags {
  readonly data: string;
  readonly vae: readonly NamedPath[];
  readonly ditRun?: readonly NamedPath[];
  readonly clips: number;
  readonly device: string;
  readonly figures?: string;
}

interface NamedAnalysis extends LatentAnalysis {
  readonly name: string;
}

interface VaeRecord extends EvalRecord {
  readonly kind: "vae";
  readonly vaes: readonly NamedAnalysis[];
}

/** Prints what each VideoVAE keeps, or the record, and writes figures. */
export async function runEvalVae(flags: EvalVaeFlags, context: Context): Promise<void> {
  if (flags.ditRun && !flags.figures) {
    throw new UsageError("--dit-run is drawn into a figure: name their folder with --figures");
  }
  const device = deviceOf(flags.device);
  const runs = flags.ditRun?.map(({ path }) => path) ?? [];
  await checkEval("vae", {
    flags,
    inputs: [flags.data, ...flags.vae.map(({ path }) => path), ...runs],
    outputs: figureOutputs(flags, context),
  }, context);
  const clips = await readFrames(flags, context);
  const vaes: NamedAnalysis[] = [];
  for (const { name, path } of flags.vae) {
    context.signal.throwIfAborted();
    const vae = await loadVideoVae(context.path(path), { device });
    try {
      vaes.push({ name, ...analyseLatents(vae, clips) });
    } finally {
      vae.vars.dispose();
    }
  }
  const record = await recordOf(vaes, { clips, flags, context });
  await giveRecord(record, vaes.flatMap(table), { flags, context });
  if (flags.figures) await writeFigures(flags, vaes, context);
}

async function readFrames({ data, clips }: EvalVaeFlags, context: Context): Promise<Frames[]> {
  using dataset = await openDataset(context.path(data));
  return (await readClips(dataset, { data, clips })).map(({ frames }) => frames);
}

async function recordOf(
  vaes: readonly NamedAnalysis[],
  { clips, flags, context }: {
    readonly clips: readonly Frames[];
    readonly flags: EvalVaeFlags;
    readonly context: Context;
  },
): Promise<VaeRecord> {
  const hash = new ContentHash();
  hash.add(clips);
  const weights = flags.vae.map(async ({ name, path }) => {
    const files = await filesOf(context.path(path));
    return await Promise.all(files.map((file) => weightsUsed(name, file)));
  });
  return {
    format: "isa4d-eval",
    version: 1,
    kind: "vae",
    protocol: makeProtocol({
      frames: clips.map(({ count }) => count),
      sizes: clips.map(({ width, height }) => `${width}×${height}`),
      resized: false,
      metrics: [
        "PSNR of all frames' squared error, and of the frames at each place in the window",
        "shares of frames' variance about their window's mean that a linear map tells, fitted on the other clips",
        "latents, each channel at mean 0 and variance 1, to a Gaussian",
      ],
      weights: (await Promise.all(weights)).flat(),
      data: [{ name: basename(flags.data), clips: clips.length, sha256: hash.digest() }],
    }),
    vaes,
  };
}

function table(analysis: NamedAnalysis): string[] {
  const { name, clips, psnr, psnrByPosition, lastFrameBias, gaussian } = analysis;
  const row = (values: readonly number[]) => values.map((v) => v.toFixed(2)).join("  ");
  return [
    `${name}: ${clips} clips, PSNR ${psnr.toFixed(2)} dB`,
    `  first frame, then by place in the window  ${row(psnrByPosition)} dB; ` +
    `the last less the others ${lastFrameBias.toFixed(2)} dB`,
    ...analysis.subLatents.map((shares, k) =>
      `  sub-latent ${k} tells of each frame  ${row(shares)}`
    ),
    `  all channels tell of each frame  ${row(analysis.allChannels)}`,
    `  to a Gaussian: Wasserstein ${gaussian.wasserstein.toFixed(4)}, ` +
    `excess kurtosis ${gaussian.excessKurtosis.toFixed(2)}`,
  ];
}

const FIGURES: readonly string[] = ["psnr_by_position.svg", "latent_histogram.svg", "dit_loss.svg"];

function figureOutputs({ figures }: EvalVaeFlags, context: Context): PlannedOutput[] {
  if (figures === undefined) return [];
  return filesIn(context.path(figures), FIGURES, { flag: "--figures" });
}

async function writeFigures(
  { figures, ditRun }: EvalVaeFlags,
  analyses: readonly NamedAnalysis[],
  context: Context,
): Promise<void> {
  const write = async (name: string, svg: string): Promise<void> => {
    const path = join(context.path(figures!), name);
    await writeText(path, svg);
    context.notice(`wrote ${path}`);
  };
  await write(
    "psnr_by_position.svg",
    await lineChart(positions(analyses), {
      title: "Reconstruction by place in the window (0: the first frame)",
      x: "place",
      y: "PSNR, dB",
    }),
  );
  await write(
    "latent_histogram.svg",
    await lineChart(histograms(analyses), {
      title: "Latent values, each channel at mean 0 and variance 1",
      x: "value",
      y: "density",
    }),
  );
  if (!ditRun) return;
  const losses = await Promise.all(ditRun.map((run) => lossCurve(run, context)));
  await write(
    "dit_loss.svg",
    await lineChart(losses.flat(), {
      title: "ISA-DiT's training loss (running mean)",
      x: "step",
      y: "loss",
    }),
  );
}

function positions(analyses: readonly NamedAnalysis[]): ChartPoint[] {
  return analyses.flatMap(({ name, psnrByPosition }) =>
    psnrByPosition.map((y, x) => ({ x, y, series: name }))
  );
}

function histograms(analyses: readonly NamedAnalysis[]): ChartPoint[] {
  const curves = analyses.flatMap(({ name, histogram: { centres, density } }) =>
    centres.map((x, i) => ({ x, y: density[i], series: name }))
  );
  const gaussian = analyses[0].histogram.centres.map((x) => ({
    x,
    y: Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI),
    series: "Gaussian",
  }));
  return [...curves, ...gaussian];
}

/** Steps that a point of the loss curve is the mean of. */
const LOSS_WINDOW = 20;

async function lossCurve({ name, path }: NamedPath, context: Context): Promise<ChartPoint[]> {
  const { steps } = await readTrainLog(join(context.path(path), "log.jsonl"));
  const points: ChartPoint[] = [];
  for (let end = LOSS_WINDOW; end <= steps.length; end += LOSS_WINDOW) {
    const window = steps.slice(end - LOSS_WINDOW, end);
    const y = window.reduce((total, { loss }) => total + loss, 0) / LOSS_WINDOW;
    points.push({ x: window[LOSS_WINDOW - 1].step, y, series: name });
  }
  return points;
}
