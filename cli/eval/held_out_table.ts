/**
 * The table of `isa4d eval generate`: a row for the model at each guidance and for each baseline,
 * columns for each set.
 * @module
 */
import { type TableColumn, tableColumns } from "../../lib/eval/mod.ts";
import type { HeldOutRow, HeldOutRowKind, HeldOutSet } from "./held_out.ts";
import { shown, textTable } from "./record.ts";

const heads: Readonly<Record<TableColumn, string>> = {
  psnr: "PSNR",
  personPsnr: "on person",
  ssim: "SSIM",
  iou: "IoU",
  lpips: "LPIPS",
  spd: "SPD",
  fsvd: "FSVD",
  fvd: "FVD",
  fid: "FID",
};

const digits: Readonly<Partial<Record<TableColumn, number>>> = {
  psnr: 2,
  personPsnr: 2,
  ssim: 3,
  iou: 3,
  fvd: 2,
  fid: 2,
};

const labels: Readonly<Record<HeldOutRowKind, string>> = {
  model: "model",
  prior: "prior alone",
  reference: "reference repeated",
  background: "background alone",
  reconstruction: "truth through the VideoVAE",
};

/** Lines for people; the sets are in the first line, over their columns. */
export function heldOutTable(sets: readonly HeldOutSet[]): string[] {
  const columns = sets.flatMap((set) =>
    tableColumns.filter((column) => column in set.rows[0].scores).map((column) => ({ set, column }))
  );
  const first = columns.map(({ set }, i) => columns[i - 1]?.set === set ? "" : set.name);
  const rows = sets[0].rows.map((row, i) => [
    labelOf(row),
    ...columns.map(({ set, column }) => shown(set.rows[i].scores[column], digits[column])),
  ]);
  const table = [["", ...first], ["", ...columns.map(({ column }) => heads[column])], ...rows];
  return [...textTable(table).map((line) => line.trimEnd()), ...sets.map(facts)];
}

function labelOf({ row, cfgScale }: HeldOutRow): string {
  return cfgScale === undefined ? labels[row] : `${labels[row]}, guidance ${cfgScale}`;
}

function facts({ name, kind, clips, background, rows }: HeldOutSet): string {
  const models = rows.filter(({ row }) => row === "model");
  const counts = (key: "ownMotionWins" | "referenceColoursFollow"): string =>
    models.map((row) => row[key]).join(", ");
  const exchanged = models[0].referenceColoursFollow === undefined
    ? ""
    : `; colours follow an exchanged reference in ${counts("referenceColoursFollow")}`;
  return `${name}: of ${clips} clips of kind ${kind}, background ${background}, ` +
    `own motion fits best in ${counts("ownMotionWins")}${exchanged}`;
}
