/**
 * Runs `isa4d eval reenact`: real clips are tracked, made again from one of their frames, and compared
 * with themselves.
 * @module
 */
import { basename } from "node:path";
import { readBody } from "../../lib/data/mod.ts";
import {
  ContentHash,
  FrameScorer,
  LOOKED_AT,
  makeProtocol,
  type Protocol,
  type ReenactedClip,
  reenactedClip,
  weightsUsed,
} from "../../lib/eval/mod.ts";
import type { NetMetric } from "../../lib/eval/metrics/mod.ts";
import { frameAt, type Frames, writePng } from "../../lib/io/mod.ts";
import { loadSynthImageNet } from "../../lib/models/perceptual/mod.ts";
import { missingNetworks } from "../../lib/perception/mod.ts";
import { findJobWeights, shippedFeatures, sizeInShape } from "../../lib/pipelines/mod.ts";
import { contactSheet, stackPictures } from "../../lib/preview/mod.ts";
import type { Context } from "../support/context.ts";
import { deviceOf } from "../support/device.ts";
import { requireEnding } from "../support/outputs.ts";
import { trackProgress } from "../support/track_progress.ts";
import { loadMaker } from "./maker.ts";
import { availableNets, loadPerceptual, type PerceptualNets } from "./perceptual.ts";
import { checkEval, type EvalRecord, giveRecord, type OutFlags } from "./record.ts";
import {
  type MadeRow,
  meanRows,
  reenact,
  reenactLabel,
  type ReenactRow,
  type ReenactSetting,
} from "./reenact_rows.ts";
import { type MeasuredClip, reenactTable } from "./reenact_table.ts";

/** Flags of `isa4d eval reenact`. */
export interface EvalReenactFlags extends OutFlags {
  readonly weights: string;
  readonly width?: number;
  readonly height?: number;
  readonly frames?: number;
  readonly referenceFrame: number;
  readonly cache?: string;
  readonly steps: number;
  readonly cfgScale: number;
  readonly flowShift: number;
  readonly seed: number;
  readonly lpipsNet?: string;
  readonly lpipsLinear?: string;
  readonly efficientnet?: string;
  readonly device: string;
  readonly sheet?: string;
}

interface ReenactRecord extends EvalRecord {
  readonly kind: "reenact";
  readonly weights: string;
  readonly reference: number;
  /** Means over the clips. */
  readonly means: readonly ReenactRow[];
  readonly clips: readonly MeasuredClip[];
}

/** Shorter side of the clips unless told, pixels. */
const SIDE = 256;

/** Prints the table of all clips, or the record. */
export async function runEvalReenact(
  paths: readonly string[],
  flags: EvalReenactFlags,
  context: Context,
): Promise<void> {
  if (flags.sheet !== undefined) requireEnding("--sheet", flags.sheet, [".png"]);
  await checkEval("reenact", {
    flags,
    inputs: [...paths, flags.lpipsNet, flags.lpipsLinear, flags.efficientnet],
    outputs: flags.sheet ? [{ flag: "--sheet", path: context.path(flags.sheet) }] : [],
  }, context);
  const device = deviceOf(flags.device);
  const files = await findJobWeights(
    flags.weights.includes("/") ? context.path(flags.weights) : flags.weights,
  );
  const metrics = availableNets(flags, context);
  using nets = await loadPerceptual({ ...flags, metrics }, context);
  const image = await loadSynthImageNet(shippedFeatures("image"), { device });
  try {
    const body = await readBody();
    using maker = await loadMaker(files, { body, device });
    const { steps, flowShift, cfgScale, seed } = flags;
    const setting = {
      ...{ body, maker, reference: flags.referenceFrame },
      sampling: { steps, flowShift, cfgScale, seed, signal: context.signal },
      scorer: new FrameScorer({ metrics: ["ssim", ...metrics], device, nets: nets.nets }),
      image: image.net,
      device,
    };
    const hash = new ContentHash();
    const clips: MeasuredClip[] = [], sheets: Frames[] = [];
    for (const path of paths) {
      const { clip, rows } = await measure(path, setting, { flags, context });
      const { frames, background, mask, cameras, persons, track } = clip;
      hash.add([frames, background, mask, cameras, persons]);
      const { width, height, fps, count } = frames;
      clips.push({
        ...{ name: basename(path), frames: count, width, height, fps, track },
        rows: rows.map(({ row, scores }) => ({ row, scores })),
      });
      if (flags.sheet) sheets.push(await sheetOf(clip, rows, flags));
    }
    const means = meanRows(clips.map(({ rows }) => rows));
    const sha256 = hash.digest();
    const record: ReenactRecord = {
      ...{ format: "isa4d-eval", version: 1, kind: "reenact" },
      protocol: await protocolOf(clips, { flags, files, nets, metrics, sha256 }),
      ...{ weights: flags.weights, reference: flags.referenceFrame, means, clips },
    };
    await giveRecord(record, reenactTable(clips, means), { flags, context });
    // The picture may fail; the record is there by then.
    if (flags.sheet) await writePng(context.path(flags.sheet), stackPictures(sheets));
  } finally {
    image.vars.dispose();
  }
}

async function measure(
  path: string,
  { image, device, ...setting }:
    & Omit<ReenactSetting, "looks">
    & Pick<ReenactSetting["looks"], "image" | "device">,
  { flags, context }: { readonly flags: EvalReenactFlags; readonly context: Context },
): Promise<{ readonly clip: ReenactedClip; readonly rows: readonly MadeRow[] }> {
  const progress = trackProgress(context);
  const clip = await reenactedClip(context.path(path), {
    ...{ body: setting.body, ...progress, signal: context.signal },
    size: (video) =>
      sizeInShape(video, {
        ...{ width: flags.width, height: flags.height, shortest: 0 },
        scale: SIDE / Math.min(video.width, video.height),
      }),
    reference: flags.referenceFrame,
    maxFrames: flags.frames,
    cache: flags.cache === undefined ? undefined : context.path(flags.cache),
  }).finally(progress.stop);
  if (clip.track.leftOut > 0) {
    context.warn(
      `"${path}": ${clip.track.leftOut} of ${
        clip.track.leftOut + clip.track.persons
      } persons are not in the reference frame, and are not made`,
    );
  }
  // Tracks that were kept need no networks.
  const landmarks = missingNetworks().length === 0;
  if (!landmarks) context.notice("no landmarks: `deno task setup --all` brings their networks");
  const rows = await reenact(clip, { ...setting, looks: { image, device, landmarks } });
  const scores = rows.map(({ row, scores: { psnr } }) =>
    `${reenactLabel(row)} ${psnr?.toFixed(2)}`
  );
  context.event(
    "clip",
    { path, rows: rows.map(({ row, scores }) => ({ row, scores })) },
    `${basename(path)}: PSNR ${scores.join(", ")} dB`,
  );
  return { clip, rows };
}

async function sheetOf(
  { frames, background }: ReenactedClip,
  rows: readonly MadeRow[],
  { referenceFrame }: EvalReenactFlags,
): Promise<Frames> {
  const shown = rows.filter(({ row }) => row === "prior" || row === "model");
  return await contactSheet({
    reference: { ...frames, count: 1, data: frameAt(frames, referenceFrame) },
    rows: [
      { label: "the video", clip: frames },
      { label: reenactLabel("scene"), clip: background },
      ...shown.map(({ row, frames: data }) => ({
        label: reenactLabel(row),
        clip: { ...frames, data },
      })),
    ],
  });
}

async function protocolOf(
  clips: readonly MeasuredClip[],
  { flags, files, nets, metrics, sha256 }: {
    readonly flags: EvalReenactFlags;
    readonly files: Awaited<ReturnType<typeof findJobWeights>>;
    readonly nets: PerceptualNets;
    readonly metrics: readonly NetMetric[];
    readonly sha256: string;
  },
): Promise<Protocol> {
  const roleOf = (path: string): string =>
    path === files.body ? "body" : path.includes("video_vae") ? "VideoVAE" : "ISA-DiT";
  return makeProtocol({
    frames: clips.map(({ frames }) => frames),
    sizes: clips.map(({ width, height }) => `${width}×${height}`),
    resized: true,
    metrics: [
      `frame ${flags.referenceFrame} is the reference; bodies, cameras, masks and empty scene are the video's own track`,
      "PSNR of each clip's squared error, mean over the clips, over the persons' masks too",
      "SSIM, Gaussian window of 11, deviation 1.5, borders mirrored as torchmetrics",
      "IoU of the masks and of what differs by more than a tenth from the empty scene",
      ...metrics.map((name) => nets.definitions[name]!),
      `landmarks within a 32nd of the shorter side, and identity, in ${LOOKED_AT} frames`,
    ],
    weights: [
      ...await Promise.all(files.all.map((path) => weightsUsed(roleOf(path), path))),
      ...await nets.weightsOf(metrics),
      await weightsUsed("isa4d image network", shippedFeatures("image")),
    ],
    data: [{ name: "videos and tracks", clips: clips.length, sha256 }],
    sampling: files.isaDit === undefined
      ? "nothing is sampled"
      : `${flags.steps} Euler steps, flow shift ${flags.flowShift}, guidance ${flags.cfgScale}`,
    seeds: [flags.seed],
  });
}
