/**
 * The tables of `isa4d eval grid`: means over all views beside how these agree, then view by view.
 * @module
 */
import { baselinesFirst, headOf, netMetrics } from "../../lib/eval/metrics/mod.ts";
import type { GridRow, GridRowKind } from "./grid_scenes.ts";
import { shown, shownScore, textTable } from "./record.ts";

const labels: Readonly<Record<GridRowKind, string>> = {
  grid: "grid",
  "each view alone": "each view alone",
  prior: "prior alone",
  background: "background alone",
  reconstruction: "truth through the VideoVAE",
  truth: "truth",
  "views of different scenes": "views of different scenes",
};

/** Lines for people. */
export function gridTables(
  measured: readonly GridRow[],
  { data, scenes, views }: {
    readonly data: string;
    readonly scenes: number;
    readonly views: number;
  },
): string[] {
  const rows = baselinesFirst(measured);
  const columns = netMetrics.filter((name) => name in rows[0].scores);
  const heads = [
    ...(["psnr", "personPsnr", "ssim", "iou"] as const).map(headOf),
    ...columns.map(headOf),
    "colours ↑",
    "epipolar ↓",
    "chance",
    "near ↑",
    "matches",
  ];
  const all = rows.map(({ scores, agreement: { consistency, epipolar }, ...row }) => [
    gridLabel(row),
    shown(scores.psnr, 2),
    shown(scores.personPsnr, 2),
    shown(scores.ssim, 3),
    shown(scores.iou, 3),
    ...columns.map((name) => shownScore(name, scores[name])),
    shown(consistency, 3),
    shown(epipolar.error, 2),
    shown(epipolar.byChance, 2),
    shown(epipolar.near, 3),
    String(epipolar.matches),
  ]);
  const numbers = Array.from({ length: views }, (_, view) => view);
  const byView = rows.map(({ byView, ...row }) => [
    gridLabel(row),
    ...byView.flatMap(({ psnr, ssim, iou }) => [shown(psnr, 2), shown(ssim, 3), shown(iou, 3)]),
  ]);
  return [
    ...textTable([["", ...heads], ...all]),
    "",
    ...textTable([
      ["", ...numbers.flatMap((view) => [`view ${view}`, "", ""])],
      ["", ...numbers.flatMap(() => (["psnr", "ssim", "iou"] as const).map(headOf))],
      ...byView,
    ]),
    `${data}: ${scenes} scenes of ${views} views; colours: 1 where views agree at spots of the body, ` +
    "0 by chance; epipolar: pixels to the line that the other view's match leaves",
  ].map((line) => line.trimEnd());
}

/** What people call a row. */
export function gridLabel(
  { row, model, cfgScale }: Pick<GridRow, "row" | "model" | "cfgScale">,
): string {
  const label = labels[row];
  if (cfgScale === undefined) return model === undefined ? label : `${label}, ${model}`;
  return `${model}, ${label}, guidance ${cfgScale}`;
}
