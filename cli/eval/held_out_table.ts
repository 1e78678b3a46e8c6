/**
 * The table of `isa4d eval generate`: a row for each baseline, then for the model at each guidance,
 * columns for each set.
 * @module
 */
import { baselinesFirst, headOf, metricsOf } from "../../lib/eval/metrics/mod.ts";
import { type HeldOutSet, rowLabel } from "./held_out.ts";
import { shownScore, textTable } from "./record.ts";

/** Lines for people; the sets are in the first line, over their columns. */
export function heldOutTable(measured: readonly HeldOutSet[]): string[] {
  const sets = measured.map((set) => ({ ...set, rows: baselinesFirst(set.rows) }));
  const columns = sets.flatMap((set) =>
    metricsOf("clip", "set").filter((column) => column in set.rows[0].scores)
      .map((column) => ({ set, column }))
  );
  const first = columns.map(({ set }, i) => columns[i - 1]?.set === set ? "" : set.name);
  const rows = sets[0].rows.map((row, i) => [
    rowLabel(row),
    ...columns.map(({ set, column }) => shownScore(column, set.rows[i].scores[column])),
  ]);
  const table = [["", ...first], ["", ...columns.map(({ column }) => headOf(column))], ...rows];
  return [...textTable(table).map((line) => line.trimEnd()), ...sets.map(facts)];
}

function facts({ name, kind, clips, background, rows }: HeldOutSet): string {
  const models = rows.filter(({ row }) => row === "model");
  if (models.length === 0) {
    return `${name}: of ${clips} clips of kind ${kind}, background ${background}, no model`;
  }
  const counts = (key: "ownMotionWins" | "referenceColoursFollow"): string =>
    models.map((row) => row[key]).join(", ");
  const exchanged = models[0].referenceColoursFollow === undefined
    ? ""
    : `; colours follow an exchanged reference in ${counts("referenceColoursFollow")}`;
  return `${name}: of ${clips} clips of kind ${kind}, background ${background}, ` +
    `own motion fits best in ${counts("ownMotionWins")}${exchanged}`;
}
