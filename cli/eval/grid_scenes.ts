/**
 * Held-out scenes of several views through models: each row of the table holds something in place of
 * the true views, scored view by view and by how the views agree.
 * @module
 */
import type { Dataset, SynthClip } from "../../lib/data/mod.ts";
import { InputError } from "../../lib/errors.ts";
import {
  type FrameScorer,
  type HeldOutClip,
  SetTable,
  type TableScores,
  type ViewAgreement,
  ViewComparison,
} from "../../lib/eval/mod.ts";
import type { BodyMesh } from "../../lib/geometry/mod.ts";
import { frameAt } from "../../lib/io/mod.ts";
import { generateViews } from "../../lib/pipelines/grid/mod.ts";
import { type Models, type SampleLatentsOptions, throughVae } from "../../lib/pipelines/mod.ts";
import { priorClip, priorVideo } from "../../lib/prior/mod.ts";

/** Frames from one whose views are compared to the next. */
export const AGREEMENT_EVERY = 4;

/** What a row holds in place of the true views. */
export type GridRowKind =
  | "grid"
  | "each view alone"
  | "prior"
  | "background"
  | "reconstruction"
  | "truth"
  | "views of different scenes";

/** A model that is measured. */
export interface NamedModels {
  readonly name: string;
  readonly models: Models;
}

/** A row of the table. */
export interface GridRow {
  readonly row: GridRowKind;
  /** The model's name, where one made the views or the row needs its VideoVAE. */
  readonly model?: string;
  readonly cfgScale?: number;
  /** Means over scenes and views. */
  readonly scores: TableScores;
  /** Means over scenes. */
  readonly byView: readonly TableScores[];
  /** How the views agree; without pairs, which differ from scene to scene. */
  readonly agreement: Omit<ViewAgreement, "pairs">;
}

/** How scenes are measured. */
export interface GridScenesOptions {
  readonly body: BodyMesh;
  readonly models: readonly NamedModels[];
  readonly cfgScales: readonly number[];
  /** Whether models that know views make each view by itself too. */
  readonly alone: boolean;
  readonly sampling: Omit<SampleLatentsOptions, "cfgScale">;
  /** Distances by networks, where some are asked for. */
  readonly perceptual?: FrameScorer;
  readonly signal: AbortSignal;
  /** Told of each row of each scene. */
  readonly onRow: (scene: number, row: Pick<GridRow, "row" | "model" | "cfgScale">) => void;
}

/** The views of a scene that one row made. */
export interface MadeScene {
  readonly truth: readonly SynthClip[];
  /** Of each model row, rgb24 of each view. */
  readonly rows: readonly (Pick<GridRow, "row" | "model" | "cfgScale"> & {
    readonly views: readonly Uint8Array[];
  })[];
}

/** The first scenes of a set, the first views of each. Throws {@linkcode InputError} for fewer. */
export async function readScenes(
  dataset: Dataset,
  { data, scenes, views }: {
    readonly data: string;
    readonly scenes: number;
    readonly views?: number;
  },
): Promise<SynthClip[][]> {
  const there = dataset.index.views;
  if (views === 1) throw new InputError("1 view does not have others to agree with: --views 2");
  if (there < 2 || (views ?? 2) > there) {
    throw new InputError(
      `"${data}" has ${there} ${there === 1 ? "view" : "views"} of each scene, expected ${
        views ?? "two or more"
      } (isa4d synth --views)`,
    );
  }
  if (dataset.groups < scenes) {
    throw new InputError(`"${data}" has ${dataset.groups} scenes, ${scenes} are asked for`);
  }
  return await Array.fromAsync(
    { length: scenes },
    async (_, i) => (await dataset.group(i)).slice(0, views),
  );
}

/** Generates and scores all scenes. */
export async function measureGrids(
  scenes: readonly (readonly SynthClip[])[],
  options: GridScenesOptions,
): Promise<{ readonly rows: readonly GridRow[]; readonly made: readonly MadeScene[] }> {
  const table = new GridTable(options, scenes[0].length);
  const made: MadeScene[] = [];
  for (const [index, truth] of scenes.entries()) {
    const rows: MadeScene["rows"][number][] = [];
    for (const { name, models } of options.models) {
      const scene = {
        truth,
        backgrounds: truth.map((clip) => throughVae(models, clip.background).data),
      };
      for (const row of modelRows(models, options)) {
        options.signal.throwIfAborted();
        const views = await makeViews(row, { models, truth, options });
        // A given background comes back as it is.
        const kept = { truth, backgrounds: truth.map(({ background }) => background.data) };
        table.add({ ...row, model: name }, views, kept);
        options.onRow(index, { ...row, model: name });
        rows.push({ ...row, model: name, views });
      }
      const through = truth.map(({ frames }) => throughVae(models, frames).data);
      table.add({ row: "reconstruction", model: name }, through, scene);
    }
    addBaselines(table, { scenes, index, body: options.body });
    made.push({ truth, rows });
  }
  return { rows: table.rows(), made };
}

interface ModelRow {
  readonly row: "grid" | "each view alone";
  readonly cfgScale: number;
}

function modelRows({ dit }: Models, { cfgScales, alone }: GridScenesOptions): ModelRow[] {
  const kinds = alone && dit.views ? ["grid", "each view alone"] as const : ["grid"] as const;
  return kinds.flatMap((row) => cfgScales.map((cfgScale) => ({ row, cfgScale })));
}

async function makeViews(
  { row, cfgScale }: ModelRow,
  { models, truth, options: { body, sampling } }: {
    readonly models: Models;
    readonly truth: readonly SynthClip[];
    readonly options: GridScenesOptions;
  },
): Promise<Uint8Array[]> {
  if (row === "grid") {
    const views = await generateViews(models, body, truth, { ...sampling, cfgScale });
    return views.map(({ data }) => data);
  }
  const views: Uint8Array[] = [];
  for (const [view, clip] of truth.entries()) {
    // Noise of its own, as the views of a grid have.
    const seed = sampling.seed + view;
    const [own] = await generateViews(models, body, [clip], { ...sampling, seed, cfgScale });
    views.push(own.data);
  }
  return views;
}

/** What needs no model; the last of them is what a grid is not to be. */
function addBaselines(
  table: GridTable,
  { scenes, index, body }: {
    readonly scenes: readonly (readonly SynthClip[])[];
    readonly index: number;
    readonly body: BodyMesh;
  },
): void {
  const truth = scenes[index];
  const scene = { truth, backgrounds: truth.map(({ background }) => background.data) };
  table.add({ row: "prior" }, truth.map((clip) => priorVideo(body, priorClip(clip))), scene);
  table.add({ row: "background" }, scene.backgrounds, scene);
  table.add({ row: "truth" }, truth.map(({ frames }) => frames.data), scene);
  if (scenes.length === 1) return;
  const mixed = truth.map((_, view) => scenes[(index + view) % scenes.length][view].frames.data);
  table.add({ row: "views of different scenes" }, mixed, scene);
}

type RowName = Pick<GridRow, "row" | "model" | "cfgScale">;

/** Sums of rows over scenes. */
class GridTable {
  readonly #body: BodyMesh;
  readonly #all: SetTable;
  readonly #byView: readonly SetTable[];
  readonly #agreement = new Map<
    string,
    { readonly name: RowName; readonly views: ViewComparison }
  >();

  constructor(
    { body, perceptual }: Pick<GridScenesOptions, "body" | "perceptual">,
    views: number,
  ) {
    this.#body = body;
    this.#all = new SetTable({ perceptual });
    this.#byView = Array.from({ length: views }, () => new SetTable());
  }

  /** Adds a scene to a row: frames of each view, and what is true of them. */
  add(
    name: RowName,
    views: readonly Uint8Array[],
    { truth, backgrounds }: {
      readonly truth: readonly SynthClip[];
      /** What persons differ from. */
      readonly backgrounds: readonly Uint8Array[];
    },
  ): void {
    const key = JSON.stringify(name);
    const row = this.#agreement.get(key) ??
      { name, views: new ViewComparison(this.#body, views.length) };
    this.#agreement.set(key, row);
    for (const [view, data] of views.entries()) {
      const { frames, mask } = truth[view];
      const clip: HeldOutClip = {
        ...{ width: frames.width, height: frames.height, truth: frames.data },
        ...{ truthMask: mask, background: backgrounds[view] },
      };
      this.#all.add(key, data, clip);
      this.#byView[view].add(key, data, clip);
    }
    for (let frame = 0; frame < truth[0].frames.count; frame += AGREEMENT_EVERY) {
      row.views.add({
        poses: truth[0].persons.map(({ poses }) => poses[frame]),
        views: views.map((data, view) => ({
          camera: truth[view].cameras[frame],
          picture: frameAt({ ...truth[view].frames, data }, frame),
        })),
      });
    }
  }

  rows(): GridRow[] {
    return [...this.#agreement].map(([key, { name, views }]) => {
      const { consistency, epipolar } = views.result();
      return {
        ...name,
        scores: this.#all.scores(key),
        byView: this.#byView.map((table) => table.scores(key)),
        agreement: { consistency, epipolar },
      };
    });
  }
}
