/**
 * Tables of what `isa4d eval` measured.
 * @module
 */
import { baselinesFirst, metricNamed, withArrow } from "../eval/metrics/mod.ts";
import type { EvalRecordFile, Numbers } from "./eval_records.ts";
import { escapeHtml } from "./page.ts";

/** Distances of two sets of videos. */
export function setTable({ distances }: EvalRecordFile): string {
  const rows = distances.map(({ name, distance, dimensions, samples, warning }) => [
    name,
    shown(distance),
    String(dimensions),
    samples.join(" and "),
    warning ?? "",
  ]);
  return table(["", "distance ↓", "features", "samples", ""], rows);
}

/** Agreement of the views of a grid. */
export function viewTable({ scores }: EvalRecordFile): string {
  const { consistency, epipolar, pairs } = scores!;
  const rows = pairs.map(({ views, angle, spots, difference, byChance, epipolar }) => [
    views.join(" and "),
    `${angle.toFixed(0)}°`,
    String(spots),
    shown(difference),
    shown(byChance),
    ...epipolarCells(epipolar),
  ]);
  const heads = ["views", "apart", "spots", "colour difference ↓", "by chance", ...epipolarHeads];
  return `<p>consistency ${shown(consistency)}; epipolar error of ${epipolar.matches} matches ` +
    `${shown(epipolar.error)} pixels, by chance ${shown(epipolar.byChance)}</p>` +
    `<div class="wide">${table(heads, rows)}</div>`;
}

const epipolarHeads = ["matches", "epipolar, pixels ↓", "by chance", "near ↑"];

function epipolarCells(
  { matches, error, byChance, near }: NonNullable<EvalRecordFile["scores"]>["epipolar"],
): string[] {
  return [String(matches), shown(error), shown(byChance), shown(near)];
}

/** Held-out scenes of several views: means beside how the views agree, then view by view. */
export function gridTable({ rows: measured }: EvalRecordFile): string {
  const rows = baselinesFirst(measured);
  const names = rows.map(({ row, model, cfgScale }) =>
    [model, row, cfgScale === undefined ? undefined : `guidance ${cfgScale}`]
      .filter((part) => part !== undefined).join(", ")
  );
  const scores = Object.keys(rows[0].scores);
  const all = rows.map(({ scores: own, agreement }, i) => [
    names[i],
    ...scores.map((score) => shown(own[score])),
    shown(agreement.consistency),
    ...epipolarCells(agreement.epipolar),
  ]);
  const byView = rows.map(({ byView }, i) => [
    names[i],
    ...byView.flatMap((own) => scores.map((score) => shown(own[score]))),
  ]);
  const heads = rows[0].byView.flatMap((_, view) =>
    scores.map((score) => `view ${view} ${head(score)}`)
  );
  return [
    table(["", ...scores.map(head), "colours agree ↑", ...epipolarHeads], all),
    table(["", ...heads], byView),
  ]
    .map((part) => `<div class="wide">${part}</div>`).join("");
}

/** Held-out clips: what was compared as rows, the scores of each set as columns. */
export function heldOutTable({ heldOut }: EvalRecordFile): string {
  const sets = heldOut.map((set) => ({ ...set, rows: baselinesFirst(set.rows) }));
  const columns = sets.flatMap((set) =>
    Object.keys(set.rows[0].scores).map((score) => ({ set, score }))
  );
  const rows = sets[0].rows.map(({ row, cfgScale }, i) => [
    cfgScale === undefined ? row : `${row}, guidance ${cfgScale}`,
    ...columns.map(({ set, score }) => shown(set.rows[i]?.scores[score])),
  ]);
  const facts = sets.flatMap(({ name, clips, background, rows }) =>
    rows.filter(({ row }) => row === "model").map((row) => [
      cellOf(name, row.cfgScale),
      String(clips),
      background,
      String(row.ownMotionWins ?? "—"),
      String(row.referenceColoursFollow ?? "—"),
    ])
  );
  const heads = ["", "clips", "background", "own motion fits best", "colours follow a reference"];
  // One line a row, scrolled where there is no room: a table of three sets has many columns.
  const scores = table(
    ["", ...columns.map(({ set, score }) => `${set.name} ${head(score)}`)],
    rows,
  );
  return `<div class="wide">${scores}</div>${table(heads, facts)}`;
}

function cellOf(name: string, cfgScale: number | undefined): string {
  return cfgScale === undefined ? name : `${name}, guidance ${cfgScale}`;
}

/** Real clips made again: rows of each, and means. */
export function reenactTable({ clips, means }: EvalRecordFile): string {
  const scores = Object.keys(means[0]?.scores ?? {});
  const rows = [...clips, { name: `mean of ${clips.length}`, rows: means }].flatMap(
    ({ name, rows }) =>
      baselinesFirst(rows).map((
        { row, scores: own },
      ) => [name, row, ...scores.map((score) => shown(own[score]))]),
  );
  return `<div class="wide">${table(["", "", ...scores.map(head)], rows)}</div>`;
}

/** VideoVAEs side by side. */
export function vaeTable({ vaes }: EvalRecordFile): string {
  const rows = vaes.map(({ name, clips, psnr, lastFrameBias, gaussian }) => [
    name,
    String(clips),
    shown(psnr),
    shown(lastFrameBias),
    shown(gaussian.wasserstein),
    shown(gaussian.excessKurtosis),
  ]);
  const heads = [
    "",
    "clips",
    head("psnr"),
    "last frame less the others",
    "Wasserstein",
    "kurtosis",
  ];
  return table(heads, rows);
}

/** What people call a score; of another version's the name itself. */
export function label(score: string): string {
  return metricNamed(score)?.label ?? score;
}

/** Head of a score's column. */
export function head(score: string): string {
  return withArrow(label(score), score);
}

/** A table of text. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const row = (cells: readonly string[], tag: "th" | "td"): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  return `<table>${row(header, "th")}\n${rows.map((cells) => row(cells, "td")).join("\n")}</table>`;
}

/** Four significant digits, as the numbers of one column differ by sizes. */
export function shown(value: Numbers[string] | undefined): string {
  return typeof value === "number" ? String(Number(value.toPrecision(4))) : "—";
}
