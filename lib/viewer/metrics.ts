/**
 * Measured quality that lies beside a result, as `isa4d eval video --json` prints it.
 * @module
 */
import { basename } from "node:path";
import { z } from "zod";
import { InputError } from "../errors.ts";
import { metricNamed } from "../eval/metrics/mod.ts";
import { readJson } from "../io/mod.ts";
import type { PageMetrics, PageRow } from "./page_data.ts";

type Series = PageMetrics["series"][number];

/** Where the quality of a result is looked for. */
export function metricsPath(result: string): string {
  return `${result}.metrics.json`;
}

/** Whose quality is asked for. */
export interface Measured {
  /** The result's file name: a report of several videos is searched for it. */
  readonly name: string;
  readonly frames: number;
}

const reportSchema = z.object({
  format: z.literal("isa4d-eval"),
  videos: z.array(z.object({
    name: z.string(),
    scores: z.record(z.string(), z.unknown()),
    byFrame: z.record(z.string(), z.unknown()).optional(),
  })),
});

/**
 * Reads a report of `isa4d eval video --json`, or any JSON object of numbers. Objects within it give
 * names such as `person.psnr`; a list of as many numbers as there are frames is drawn over time, what
 * else there is is left out. Throws {@linkcode InputError} for a file that holds no number.
 */
export async function readMetrics(path: string, { name, frames }: Measured): Promise<PageMetrics> {
  const value = await readJson(path);
  const numbers: PageRow[] = [];
  const series: Series[] = [];
  for (const part of partsOf(value, name)) collect(part, "", { numbers, series, frames });
  if (numbers.length === 0 && series.length === 0) {
    throw new InputError(`cannot use "${path}" as measured quality: it holds no numbers`);
  }
  return { source: basename(path), numbers, series };
}

/** What of a file is about one result: of a report the video of its name, or the only one. */
function partsOf(value: unknown, name: string): unknown[] {
  const report = reportSchema.safeParse(value);
  if (!report.success) return [value];
  const { videos } = report.data;
  const own = videos.find((video) => video.name === name) ??
    (videos.length === 1 ? videos[0] : undefined);
  return own ? [own.scores, own.byFrame] : [];
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
    found.numbers.push({ name: label(name), value: shortNumber(value) });
  } else if (Array.isArray(value)) {
    const isSeries = value.length === found.frames && value.length > 1 &&
      value.every((item) => item === null || typeof item === "number");
    if (isSeries) found.series.push({ name: label(name), values: value });
  } else if (typeof value === "object" && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      collect(part, name === "" ? key : `${name}.${key}`, found);
    }
  }
}

/** A measure with its unit, as papers write it. */
function label(name: string): string {
  return name.replace(/[^.]+$/, (last) => {
    const { label = last, unit = undefined } = metricNamed(last) ?? {};
    return unit ? `${label} (${unit})` : label;
  });
}

function shortNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 0.001 && Math.abs(value) < 1e6
    ? String(Number(value.toPrecision(4)))
    : value.toExponential(2);
}
