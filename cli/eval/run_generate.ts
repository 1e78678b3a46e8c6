/**
 * Runs `isa4d eval generate`: held-out clips of one or several data sets, generated and scored beside
 * baselines, in one table.
 * @module
 */
import { extname } from "node:path";
import { type Dataset, openDataset, readBody, type SynthClip } from "../../lib/data/mod.ts";
import {
  type DataUsed,
  type FeatureNet,
  FrameScorer,
  makeProtocol,
  openFeatureNets,
  type Protocol,
  weightsUsed,
} from "../../lib/eval/mod.ts";
import type { NetMetric } from "../../lib/eval/metrics/mod.ts";
import { frameAt, type Frames, writePng } from "../../lib/io/mod.ts";
import type { SamplerName } from "../../lib/diffusion/mod.ts";
import { findJobWeights, shippedFeatures } from "../../lib/pipelines/mod.ts";
import { labelSheet, stackSheet } from "../../lib/preview/mod.ts";
import { qualities } from "../../lib/pipelines/job/mod.ts";
import type { Context } from "../support/context.ts";
import { deviceOf } from "../support/device.ts";
import {
  checkNames,
  dataUsed,
  type HeldOutOptions,
  type HeldOutSet,
  type MadeClip,
  measureHeldOut,
  readClips,
  rowLabel,
} from "./held_out.ts";
import { heldOutTable } from "./held_out_table.ts";
import { requireEnding } from "../support/outputs.ts";
import { loadMaker } from "./maker.ts";
import { availableNets, loadPerceptual, type PerceptualNets } from "./perceptual.ts";
import { checkEval, type EvalRecord, giveRecord, type OutFlags } from "./record.ts";
import type { NamedPath } from "../support/options.ts";

/** Flags of `isa4d eval generate`. */
export interface EvalGenerateFlags extends OutFlags {
  readonly data: readonly NamedPath[];
  readonly weights: string;
  readonly clips: number;
  readonly steps: number;
  readonly cfgScale?: readonly number[];
  readonly sampler: SamplerName;
  readonly flowShift: number;
  readonly seed: number;
  readonly background: "given" | "none";
  readonly exchange: boolean;
  readonly lpipsNet?: string;
  readonly lpipsLinear?: string;
  readonly efficientnet?: string;
  readonly i3d?: string;
  readonly device: string;
  readonly sheet?: string;
}

interface GenerateRecord extends EvalRecord {
  readonly kind: "generate";
  readonly weights: string;
  readonly sampling: Omit<HeldOutOptions["sampling"], "signal"> & {
    readonly cfgScales: readonly number[];
  };
  readonly heldOut: readonly HeldOutSet[];
}

/** Prints the table of all sets, or the record. */
export async function runEvalGenerate(flags: EvalGenerateFlags, context: Context): Promise<void> {
  checkNames(flags.data, { what: "data sets", flag: "--data name=folder" });
  const sheets = flags.data.flatMap(({ name }) =>
    flags.sheet === undefined ? [] : [context.path(sheetPath(flags.sheet, name, flags.data))]
  );
  for (const sheet of sheets) requireEnding("--sheet", sheet, [".png"]);
  await checkEval("generate", {
    flags,
    inputs: [
      ...flags.data.map(({ path }) => path),
      ...[flags.lpipsNet, flags.lpipsLinear, flags.efficientnet, flags.i3d],
    ],
    outputs: sheets.map((path) => ({ flag: "--sheet", path })),
  }, context);
  const weights = flags.weights.includes("/") ? context.path(flags.weights) : flags.weights;
  const files = await findJobWeights(weights);
  const { steps, sampler, flowShift, seed } = flags;
  const cfgScales = [...new Set(flags.cfgScale ?? [qualities.good.cfgScale])];
  using nets = await loadNets(flags, context);
  const body = await readBody();
  using maker = await loadMaker(files, { body, device: deviceOf(flags.device) });
  const sampling = { steps, sampler, flowShift, seed };
  const measured: MeasuredSet[] = [];
  for (const { name, path } of flags.data) {
    using dataset = await openDataset(context.path(path));
    const options = { maker, body, nets, cfgScales, sampling, flags, context };
    measured.push(await measureSet({ name, path, dataset }, options));
  }
  const record: GenerateRecord = {
    format: "isa4d-eval",
    version: 1,
    kind: "generate",
    protocol: await protocolOf(measured, { files, nets, cfgScales, flags }),
    weights: flags.weights,
    sampling: { ...sampling, cfgScales },
    heldOut: measured.map(({ set }) => set),
  };
  await giveRecord(record, heldOutTable(record.heldOut), { flags, context });
  // The pictures may fail; the record is there by then.
  for (const [i, { sheet }] of measured.entries()) if (sheet) await writePng(sheets[i], sheet);
}

interface Nets extends Disposable {
  readonly perceptual: PerceptualNets;
  readonly metrics: readonly NetMetric[];
  readonly features: readonly FeatureNet[];
  readonly featureFiles: { readonly own: string; readonly i3d?: string };
}

async function loadNets(flags: EvalGenerateFlags, context: Context): Promise<Nets> {
  const featureFiles = {
    own: shippedFeatures("video"),
    ...flags.i3d === undefined ? {} : { i3d: context.path(flags.i3d) },
  };
  const metrics = availableNets(flags, context);
  const perceptual = await loadPerceptual({ ...flags, metrics }, context);
  try {
    const features = await openFeatureNets(featureFiles, { device: deviceOf(flags.device) });
    const dispose = (): void => {
      perceptual[Symbol.dispose]();
      for (const net of features) net.dispose();
    };
    return { perceptual, metrics, features, featureFiles, [Symbol.dispose]: dispose };
  } catch (error) {
    perceptual[Symbol.dispose]();
    throw error;
  }
}

/** A set's part of the record and of the protocol. */
interface MeasuredSet {
  readonly set: HeldOutSet;
  readonly used: DataUsed;
  readonly index: Dataset["index"];
  readonly distances: readonly FeatureNet[];
  /** Of `--sheet`. */
  readonly sheet?: Frames;
}

interface Setting extends Pick<HeldOutOptions, "maker" | "body" | "cfgScales" | "sampling"> {
  readonly nets: Nets;
  readonly flags: EvalGenerateFlags;
  readonly context: Context;
}

async function measureSet(
  { name, path, dataset }: NamedPath & { readonly dataset: Dataset },
  { nets, flags, context, ...setting }: Setting,
): Promise<MeasuredSet> {
  const clips = await readClips(dataset, { data: path, clips: flags.clips });
  const { index } = dataset;
  const distances = nets.features.filter((net) => {
    if (net.frames <= index.frames && clips.length > 1) return true;
    const least = `2 clips of ${net.frames} frames`;
    context.notice(`no ${net.distance} of ${name}: it takes at least ${least}`);
    return false;
  });
  const device = deviceOf(flags.device);
  const scorer = { metrics: nets.metrics, device, nets: nets.perceptual.nets };
  const backgroundGiven = index.kind !== "mask" || flags.background === "given";
  const { rows, made } = await measureHeldOut(clips, {
    ...setting,
    backgroundGiven,
    nets: { perceptual: new FrameScorer(scorer), features: distances, device },
    exchange: flags.exchange,
    signal: context.signal,
    onClip: (done, ious) => {
      const line = `${name}: clip ${done}/${clips.length}  IoU ${
        ious.map((iou) => iou.toFixed(3)).join("  ")
      }`;
      context.event("clip", { set: name, done, of: clips.length, ious }, line);
    },
  });
  const background = backgroundGiven ? "given" : "none";
  const set = { name, kind: index.kind, clips: clips.length, background, rows } as const;
  const sheet = flags.sheet === undefined ? undefined : await sheetOf(made);
  return { set, used: dataUsed(name, clips), index, distances, sheet };
}

async function protocolOf(
  measured: readonly MeasuredSet[],
  { files, nets, cfgScales, flags }: {
    readonly files: Awaited<ReturnType<typeof findJobWeights>>;
    readonly nets: Nets;
    readonly cfgScales: readonly number[];
    readonly flags: EvalGenerateFlags;
  },
): Promise<Protocol> {
  const { definitions } = nets.perceptual;
  const features = nets.features.filter((net) =>
    measured.some(({ distances }) => distances.includes(net))
  );
  const roleOf = (path: string): string =>
    path === files.body ? "body" : path.includes("video_vae") ? "VideoVAE" : "ISA-DiT";
  const featureFile = ({ distance }: FeatureNet): string =>
    distance === "FVD" ? nets.featureFiles.i3d! : nets.featureFiles.own;
  return makeProtocol({
    frames: measured.map(({ index }) => index.frames),
    sizes: measured.map(({ index: { width, height } }) => `${width}×${height}`),
    resized: false,
    metrics: [
      "PSNR of each clip's squared error, mean over the clips, over the true mask too",
      "SSIM, Gaussian window of 11, deviation 1.5, borders mirrored as torchmetrics",
      "IoU of the true mask and of what differs by more than a tenth from the background: the given one, or for what passed the VideoVAE alone the background through it",
      ...nets.metrics.map((name) => definitions[name]!),
      ...features.map(({ description }) => description),
    ],
    weights: await Promise.all([
      ...files.all.map((path) => weightsUsed(roleOf(path), path)),
      ...features.map((net) => weightsUsed(net.distance, featureFile(net))),
    ]).then(async (used) => [...used, ...await nets.perceptual.weightsOf(nets.metrics)]),
    data: measured.map(({ used }) => used),
    sampling: `${
      files.isaDit === undefined
        ? "nothing is sampled"
        : `${flags.steps} ${
          flags.sampler === "euler" ? "Euler steps" : `steps of ${flags.sampler}`
        }, flow shift ${flags.flowShift}, guidance ${cfgScales.join(", ")}`
    }, background ${measured.map(({ set }) => `${set.name} ${set.background}`).join(", ")}`,
    seeds: [flags.seed],
  });
}

/** The file itself for one set, else with the set's name before the ending. */
function sheetPath(sheet: string, name: string, sets: readonly NamedPath[]): string {
  if (sets.length === 1) return sheet;
  const end = extname(sheet);
  return `${sheet.slice(0, sheet.length - end.length)}-${name}${end}`;
}

/** One row a clip: reference, three frames of each output, three of the truth. */
async function sheetOf(made: readonly MadeClip[]): Promise<Frames> {
  const [{ clip: { frames: { width, height } }, outputs }] = made;
  const three = (clip: SynthClip, data: Uint8Array): Uint8Array[] =>
    [0, 0.5, 1].map((place) =>
      frameAt({ ...clip.frames, data }, Math.round(place * (clip.frames.count - 1)))
    );
  const pictures = made.map(({ clip, outputs }) => [
    clip.reference.data,
    ...outputs.flatMap(({ data }) => three(clip, data)),
    ...three(clip, clip.frames.data),
  ]);
  const names = [...outputs.map(rowLabel), "truth"];
  return await labelSheet(stackSheet(pictures, { width, height }), {
    columns: ["reference", ...names.flatMap((name) => [name, "", ""])],
    rows: made.map((_, clip) => `clip ${clip}`),
  });
}
