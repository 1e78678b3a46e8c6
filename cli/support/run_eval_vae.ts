/**
 * Runs `isa4d eval vae`: what one or several VideoVAEs keep of held-out clips, and what their latents
 * are like, side by side.
 * @module
 */
import { join } from "node:path";
import { openDataset } from "../../lib/data/mod.ts";
import { InputError, UsageError } from "../../lib/errors.ts";
import { analyseLatents, type LatentAnalysis } from "../../lib/eval/mod.ts";
import { type Frames, writeText } from "../../lib/io/mod.ts";
import { loadVideoVae } from "../../lib/models/video_vae/mod.ts";
import { type ChartPoint, lineChart, readTrainLog } from "../../lib/report/mod.ts";
import type { Device } from "../../lib/tensor/mod.ts";
import type { Context } from "./context.ts";
import type { NamedPath } from "./options.ts";

/** Flags of `isa4d eval vae`. */
export interface EvalVaeFlags {
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

/** Prints one JSON record a VideoVAE on stdout, a table for people on stderr, and writes figures. */
export async function runEvalVae(flags: EvalVaeFlags, context: Context): Promise<void> {
  if (flags.ditRun && !flags.figures) {
    throw new UsageError("--dit-run is drawn into a figure: name their folder with --figures");
  }
  const clips = await readFrames(flags, context);
  const analyses: NamedAnalysis[] = [];
  for (const { name, path } of flags.vae) {
    context.signal.throwIfAborted();
    const vae = await loadVideoVae(context.path(path), { device: flags.device as Device });
    try {
      analyses.push({ name, ...analyseLatents(vae, clips) });
    } finally {
      vae.vars.dispose();
    }
    const analysis = analyses.at(-1)!;
    for (const line of table(analysis)) context.notice(line);
    await context.print(JSON.stringify(analysis));
  }
  if (flags.figures) await writeFigures(flags, analyses, context);
}

async function readFrames({ data, clips }: EvalVaeFlags, context: Context): Promise<Frames[]> {
  using dataset = await openDataset(context.path(data));
  if (dataset.count < clips) {
    throw new InputError(`"${data}" has ${dataset.count} clips, ${clips} are asked for`);
  }
  const frames: Frames[] = [];
  for (let i = 0; i < clips; i++) frames.push((await dataset.clip(i)).frames);
  return frames;
}

function table(analysis: NamedAnalysis): string[] {
  const { name, clips, psnr, psnrByPosition, lastFrameBias, gaussian } = analysis;
  const decibel = (values: readonly number[]) => values.map((v) => v.toFixed(2)).join("  ");
  const shares = (values: readonly number[]) => values.map((v) => v.toFixed(2)).join("  ");
  return [
    `${name}: ${clips} clips, PSNR ${psnr.toFixed(2)} dB`,
    `  first frame, then by place in the window  ${decibel(psnrByPosition)} dB; ` +
    `the last less the others ${lastFrameBias.toFixed(2)} dB`,
    ...analysis.subLatents.map((row, k) => `  sub-latent ${k} tells of each frame  ${shares(row)}`),
    `  all channels tell of each frame  ${shares(analysis.allChannels)}`,
    `  to a Gaussian: Wasserstein ${gaussian.wasserstein.toFixed(4)}, ` +
    `excess kurtosis ${gaussian.excessKurtosis.toFixed(2)}`,
  ];
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
  await Deno.mkdir(context.path(figures!), { recursive: true });
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
      title: "ISA-DiT's training loss on each latent (running mean)",
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
