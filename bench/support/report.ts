/** Results as lines of a table and as a record. */

import type { SideResult } from "./measure.ts";
import { ratiosOf, type Spread, spreadOf } from "./statistics.ts";

/** What a case's results are told with. */
export interface Measured {
  readonly name: string;
  readonly summary: string;
  /** Calls of a run, where the time of one is told. */
  readonly calls?: number;
  readonly results: readonly SideResult[];
  /** Why the case, or a side of it, was left out. */
  readonly skipped?: string;
}

/** One side of a case, reduced. */
export interface Row {
  readonly case: string;
  readonly side: string;
  readonly unit: "ms" | "µs";
  readonly time: Spread;
  /** Time over PyTorch eager's of the same round. */
  readonly ratio?: Spread;
  readonly difference: number;
  readonly peakMB?: number;
  readonly addedMB?: number;
  /** Peak memory over PyTorch eager's. */
  readonly memoryRatio?: number;
}

const MB = 1e6;

/** Reduces a case. */
export function rowsOf({ name, calls, results }: Measured): Row[] {
  const eager = results.find(({ side }) => side === "eager");
  return results.map(({ side, ms, difference, memory }) => ({
    case: name,
    side,
    unit: calls ? "µs" : "ms",
    time: spreadOf(ms.map((value) => calls ? (value * 1000) / calls : value)),
    ratio: eager && side !== "eager" ? spreadOf(ratiosOf(ms, eager.ms)) : undefined,
    difference,
    peakMB: memory && memory.peak / MB,
    addedMB: memory && memory.added / MB,
    memoryRatio: eager?.memory && memory && side !== "eager"
      ? memory.peak / eager.memory.peak
      : undefined,
  }));
}

const columns = [
  ["case", 22],
  ["side", 8],
  ["min", 10],
  ["median", 10],
  ["quartiles", 19],
  ["max", 10],
  ["× eager", 8],
  ["quartiles", 13],
  ["diff", 8],
  ["peak MB", 8],
  ["added", 7],
  ["× eager", 8],
] as const;

/** The table's first line. */
export function header(): string {
  return columns.map(([name, width], i) => fit(name, width, i < 2)).join(" ");
}

/** A case's lines. */
export function lines(measured: Measured): string[] {
  const told = rowsOf(measured).map((row) => {
    const { time, ratio, unit } = row;
    const [low, high] = time.quartiles.map(digits);
    const cells = [
      row.case,
      row.side,
      digits(time.min),
      `${digits(time.median)} ${unit}`,
      `${low} … ${high}`,
      digits(time.max),
      ratio ? ratio.median.toFixed(2) : "",
      ratio ? ratio.quartiles.map((value) => value.toFixed(2)).join(" … ") : "",
      row.difference === 0 ? "0" : row.difference.toExponential(0),
      row.peakMB?.toFixed(0) ?? "",
      row.addedMB?.toFixed(0) ?? "",
      row.memoryRatio?.toFixed(2) ?? "",
    ];
    return cells.map((cell, i) => fit(cell, columns[i][1], i < 2)).join(" ").trimEnd();
  });
  return measured.skipped ? [...told, `${measured.name}: ${measured.skipped}`] : told;
}

function fit(text: string, width: number, left: boolean): string {
  return left ? text.padEnd(width) : text.padStart(width);
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
