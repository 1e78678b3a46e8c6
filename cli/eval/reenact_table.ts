/**
 * The table of `isa4d eval reenact`: the rows of each clip, then their means.
 * @module
 */
import { headOf, type MetricName, metricsOf } from "../../lib/eval/metrics/mod.ts";
import type { TrackFacts } from "../../lib/eval/mod.ts";
import { reenactLabel, type ReenactRow } from "./reenact_rows.ts";
import { shownScore, textTable } from "./record.ts";

/** A measured clip. */
export interface MeasuredClip {
  readonly name: string;
  readonly frames: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  readonly fps: number;
  /** How well the bodies fit. */
  readonly track: TrackFacts;
  readonly rows: readonly ReenactRow[];
}

/** Lines for people. */
export function reenactTable(
  clips: readonly MeasuredClip[],
  means: readonly ReenactRow[],
): string[] {
  const scores: Readonly<Partial<Record<MetricName, unknown>>> = means[0].scores;
  const columns = metricsOf("clip", "reenact").filter((name) => name in scores);
  const rowsOf = (rows: readonly ReenactRow[]) =>
    rows.map(({ row, scores }) => [
      `  ${reenactLabel(row)}`,
      ...columns.map((name) => shownScore(name, scores[name])),
    ]);
  const title = (text: string) => [text, ...columns.map(() => "")];
  const table = [
    ["", ...columns.map(headOf)],
    ...clips.flatMap(({ name, rows }) => [title(name), ...rowsOf(rows)]),
    ...clips.length > 1 ? [title(`mean of ${clips.length}`), ...rowsOf(means)] : [],
  ];
  return [...textTable(table).map((line) => line.trimEnd()), ...clips.map(facts)];
}

function facts({ name, frames, width, height, track }: MeasuredClip): string {
  const { persons, leftOut, error, overlap, camera, doubts } = track;
  return [
    `${name}: ${frames} frames of ${width}×${height}`,
    `${persons} ${persons === 1 ? "person" : "persons"}${
      leftOut > 0 ? ` of ${persons + leftOut}` : ""
    }`,
    `bodies lie off the landmarks by ${
      (100 * error).toFixed(2)
    } % of their height and overlap with the masks by ${overlap.toFixed(3)}`,
    camera,
    ...doubts.map((some) => `frames that do not fit well: ${some}`),
  ].join("; ");
}
