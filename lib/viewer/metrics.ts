/**
 * Measured quality that lies beside a result, as `isa4d eval video --json` prints it.
 * @module
 */
import { basename } from "node:path";
import { InputError } from "../errors.ts";
import { readJson } from "../io/mod.ts";
import type { PageMetrics, PageRow } from "./page_data.ts";

type Series = PageMetrics["series"][number];

/** Where the quality of a result is looked for. */
export function metricsPath(result: string): string {
  return `${result}.metrics.json`;
}

/**
 * Reads a JSON object of numbers. Objects within it give names such as `person.psnr`; a list of as many
 * numbers as there are frames is drawn over time, what else there is is left out. Throws
 * {@linkcode InputError} for a file that holds no number.
 */
export async function readMetrics(path: string, frames: number): Promise<PageMetrics> {
  const value = await readJson(path);
  const numbers: PageRow[] = [];
  const series: Series[] = [];
  collect(value, "", { numbers, series, frames });
  if (numbers.length === 0 && series.length === 0) {
    throw new InputError(`cannot use "${path}" as measured quality: it holds no numbers`);
  }
  return { source: basename(path), numbers, series };
}

function collect(
  value: unknown,
  name: string,
  found: {
    readonly numbers: PageRow[];
    readonly series: Series[];
    readonly frames: number;
  },
): void {
  if (typeof value === "number" && Number.isFinite(value)) {
    found.numbers.push({ name, value: shortNumber(value) });
  } else if (Array.isArray(value)) {
    const isSeries = value.length === found.frames && value.length > 1 &&
      value.every((item) => item === null || typeof item === "number");
    if (isSeries) found.series.push({ name, values: value });
  } else if (typeof value === "object" && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      collect(part, name === "" ? key : `${name}.${key}`, found);
    }
  }
}

function shortNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 0.001 && Math.abs(value) < 1e6
    ? String(Number(value.toPrecision(4)))
    : value.toExponential(2);
}
