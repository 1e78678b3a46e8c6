/**
 * Tables of what `isa4d eval` measured.
 * @module
 */
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
  return table(["", "distance", "features", "samples", ""], rows);
}

/** Agreement of the views of a grid. */
export function viewTable({ scores }: EvalRecordFile): string {
  const rows = scores!.pairs.map(({ views, spots, difference, byChance }) => [
    views.join(" and "),
    String(spots),
    shown(difference),
    shown(byChance),
  ]);
  return `<p>consistency ${shown(scores!.consistency)}</p>` +
    table(["views", "spots", "colour difference", "by chance"], rows);
}

/** Held-out clips: what was compared as rows, the scores of each set as columns. */
export function heldOutTable({ heldOut: sets }: EvalRecordFile): string {
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
  const scores = table(["", ...columns.map(({ set, score }) => `${set.name} ${score}`)], rows);
  return `<div class="wide">${scores}</div>${table(heads, facts)}`;
}

function cellOf(name: string, cfgScale: number | undefined): string {
  return cfgScale === undefined ? name : `${name}, guidance ${cfgScale}`;
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
  const heads = ["", "clips", "psnr", "last frame less the others", "Wasserstein", "kurtosis"];
  return table(heads, rows);
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
