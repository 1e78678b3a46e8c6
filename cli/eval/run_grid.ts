/**
 * Runs `isa4d eval grid`: held-out scenes of several views, made by models and scored beside baselines.
 * @module
 */
import { openDataset, readBody, type SynthClip } from "../../lib/data/mod.ts";
import {
  FrameScorer,
  makeProtocol,
  matchesDefinition,
  type Protocol,
  VIEW_SEED,
  VIEW_SPOTS,
  type WeightsUsed,
  weightsUsed,
} from "../../lib/eval/mod.ts";
import { netMetrics } from "../../lib/eval/metrics/mod.ts";
import { frameAt, type Frames, writePng } from "../../lib/io/mod.ts";
import { qualities } from "../../lib/pipelines/job/mod.ts";
import { findWeights, Models, type WeightFiles } from "../../lib/pipelines/mod.ts";
import { labelSheet, stackSheet } from "../../lib/preview/mod.ts";
import type { Context } from "../support/context.ts";
import { deviceOf } from "../support/device.ts";
import type { NamedPath } from "../support/options.ts";
import { gridLabel, gridTables } from "./grid_table.ts";
import {
  AGREEMENT_EVERY,
  type GridRow,
  type MadeScene,
  measureGrids,
  type NamedModels,
  readScenes,
} from "./grid_scenes.ts";
import { checkNames, dataUsed } from "./held_out.ts";
import { requireEnding } from "../support/outputs.ts";
import { loadPerceptual, type PerceptualNets } from "./perceptual.ts";
import { checkEval, type EvalRecord, giveRecord, type OutFlags } from "./record.ts";

/** Flags of `isa4d eval grid`. */
export interface EvalGridFlags extends OutFlags {
  readonly data: NamedPath;
  readonly weights?: readonly NamedPath[];
  readonly scenes: number;
  readonly views?: number;
  readonly steps: number;
  readonly cfgScale?: readonly number[];
  readonly flowShift: number;
  readonly seed: number;
  readonly alone?: true;
  readonly efficientnet?: string;
  readonly device: string;
  readonly sheet?: string;
}

interface GridRecord extends EvalRecord {
  readonly kind: "grid";
  readonly data: string;
  readonly scenes: number;
  readonly views: number;
  readonly rows: readonly GridRow[];
}

/** Prints the tables, or the record. */
export async function runEvalGrid(flags: EvalGridFlags, context: Context): Promise<void> {
  const { name, path } = flags.data;
  const device = deviceOf(flags.device);
  const asked = flags.weights ?? [{ name: "small", path: "small" }];
  checkNames(asked, { what: "weights", flag: "--weights name=folder" });
  if (flags.sheet !== undefined) requireEnding("--sheet", flags.sheet, [".png"]);
  await checkEval("grid", {
    flags,
    inputs: [path, flags.efficientnet],
    outputs: flags.sheet ? [{ flag: "--sheet", path: context.path(flags.sheet) }] : [],
  }, context);
  using dataset = await openDataset(context.path(path));
  const scenes = await readScenes(dataset, { ...flags, data: path });
  const { steps, flowShift, seed } = flags;
  const cfgScales = [...new Set(flags.cfgScale ?? [qualities.good.cfgScale])];
  const metrics = flags.efficientnet === undefined ? [] : ["efficientnet"] as const;
  using nets = await loadPerceptual({ ...flags, metrics }, context);
  const perceptual = metrics.length > 0
    ? new FrameScorer({ metrics, nets: nets.nets, device })
    : undefined;
  const models: LoadedModels[] = [];
  try {
    for (const { name, path } of asked) {
      const files = await findWeights(path.includes("/") ? context.path(path) : path);
      models.push({
        name,
        files,
        models: await Models.load(files, { device }),
      });
    }
    const { rows, made } = await measureGrids(scenes, {
      ...{ models, cfgScales, alone: flags.alone === true, body: await readBody(), perceptual },
      sampling: { steps, flowShift, seed },
      signal: context.signal,
      onRow: (scene, row) => {
        const line = `scene ${
          scene + 1
        }/${scenes.length}: ${row.model}, ${row.row}, guidance ${row.cfgScale}`;
        context.event("scene", { done: scene + 1, of: scenes.length, ...row }, line);
      },
    });
    const facts = { data: name, scenes: scenes.length, views: scenes[0].length };
    const record: GridRecord = {
      format: "isa4d-eval",
      version: 1,
      kind: "grid",
      protocol: await protocolOf(scenes, { name, models, cfgScales, flags, nets }),
      ...facts,
      rows,
    };
    await giveRecord(record, gridTables(rows, facts), { flags, context });
    // The picture may fail; the record is there by then.
    if (flags.sheet) await writePng(context.path(flags.sheet), await sheetOf(made));
  } finally {
    for (const { models: loaded } of models) loaded.dispose();
  }
}

interface LoadedModels extends NamedModels {
  readonly files: WeightFiles;
}

async function protocolOf(
  scenes: readonly (readonly SynthClip[])[],
  { name, models, cfgScales, flags, nets }: {
    readonly name: string;
    readonly models: readonly LoadedModels[];
    readonly cfgScales: readonly number[];
    readonly flags: EvalGridFlags;
    readonly nets: PerceptualNets;
  },
): Promise<Protocol> {
  const [views] = scenes;
  const [{ frames: { count, width, height } }] = views;
  const { steps, flowShift, seed } = flags;
  return makeProtocol({
    frames: [count],
    sizes: [`${width}×${height}`],
    resized: false,
    metrics: [...metricsOf(views.length), ...Object.values(nets.definitions)],
    weights: [
      ...(await Promise.all(models.map(usedBy))).flat(),
      ...await nets.weightsOf(netMetrics),
    ],
    data: [dataUsed(name, scenes.flat())],
    sampling: `${steps} Euler steps, flow shift ${flowShift}, guidance ${
      cfgScales.join(", ")
    }, backgrounds given`,
    seeds: [...new Set([VIEW_SEED, seed])],
  });
}

function metricsOf(views: number): Protocol["metrics"] {
  return [
    `PSNR of each view's squared error, mean over scenes and ${views} views, over the true mask too`,
    "SSIM, Gaussian window of 11, deviation 1.5, borders mirrored as torchmetrics",
    "IoU of the true mask and of what differs by more than a tenth from the background: the given one, or for what passed the VideoVAE alone the background through it",
    `colours at ${VIEW_SPOTS} spots of each body that two views see, frames 0, ${AGREEMENT_EVERY} …`,
    `${matchesDefinition}, in the same frames`,
  ];
}

async function usedBy({ name, files }: LoadedModels): Promise<WeightsUsed[]> {
  const roleOf = (path: string): string =>
    path === files.body ? "body" : path.includes("video_vae") ? "VideoVAE" : "ISA-DiT";
  return await Promise.all(
    files.all.map((path) => weightsUsed(`${name} ${roleOf(path)}`, path)),
  );
}

/** Of each scene a row of the true views and one of each model's, at the middle frame. */
async function sheetOf(made: readonly MadeScene[]): Promise<Frames> {
  const [{ truth: [{ frames: { width, height } }], truth: views }] = made;
  const rows = made.flatMap(({ truth, rows }, scene) => {
    const middle = (data: Uint8Array, view: number): Uint8Array => {
      const { frames } = truth[view];
      return frameAt({ ...frames, data }, Math.floor(frames.count / 2));
    };
    const all = [
      { name: `scene ${scene}: truth`, views: truth.map(({ frames }) => frames.data) },
      ...rows.map(({ views, ...row }) => ({ name: gridLabel(row), views })),
    ];
    return all.map(({ name, views }) => ({ name, pictures: views.map(middle) }));
  });
  const sheet = stackSheet(rows.map(({ pictures }) => pictures), { width, height });
  return await labelSheet(sheet, {
    columns: views.map((_, view) => `view ${view}`),
    rows: rows.map(({ name }) => name),
  });
}
