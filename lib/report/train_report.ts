/**
 * A training run as one page: curves, sample sheets over time, the configuration.
 * @module
 */
import { basename, join } from "node:path";
import { readBytes, readJson } from "../io/mod.ts";
import { type ChartPoint, lineChart } from "./charts.ts";
import { chartGrid, factsTable, figure, htmlPage, type Section } from "./page.ts";
import { readTrainLog, type StepRecord, type TrainLogRecords } from "./train_log_file.ts";

/** Points of a curve at most: more cannot be told apart, and make the page heavy. */
const MOST_POINTS = 600;

/** Sample sheets on the page at most, spread over the run, the last one among them. */
const MOST_SHEETS = 12;

/**
 * Makes the page of the run in `folder`: its `log.jsonl`, `config.json` if there is one, and the
 * pictures in `samples/`.
 *
 * @throws InputError when the folder has no log
 */
export async function trainReport(folder: string): Promise<string> {
  const log = await readTrainLog(join(folder, "log.jsonl"));
  const last = log.steps[log.steps.length - 1];
  const sections: Section[] = [
    { title: "Curves", html: chartGrid(await curves(log)) },
    ...await sampleSection(join(folder, "samples")),
    { title: "Run", html: factsTable(runFacts(log)) },
    ...await configSection(join(folder, "config.json")),
  ];
  const lead = `step ${last.step} of ${last.of}, loss ${smoothed(log.steps).at(-1)!.y.toFixed(4)}`;
  return htmlPage(`Training run ${basename(folder)}`, lead, sections);
}

async function curves({ steps, validations }: TrainLogRecords): Promise<string[]> {
  const thin = thinned(steps);
  const of = (series: string, value: (step: StepRecord) => number): ChartPoint[] =>
    thin.map((step) => ({ x: step.step, y: value(step), series }));
  const charts = [
    lineChart([...of("each step", ({ loss }) => loss), ...thinned(smoothed(steps))], {
      title: "Training loss",
      x: "step",
      y: "loss",
      faint: ["each step"],
    }),
    ...validationCharts(validations),
    lineChart(of("learning rate", ({ learningRate }) => learningRate), {
      title: "Learning rate",
      x: "step",
      y: "learning rate",
    }),
    lineChart(of("norm", ({ gradientNorm }) => gradientNorm).filter(({ y }) => y > 0), {
      title: "Gradient norm before clipping",
      x: "step",
      y: "norm",
      logarithmic: true,
    }),
    lineChart(of("time", ({ ms }) => ms / 1000), {
      title: "Time of a step",
      x: "step",
      y: "seconds",
    }),
    ...resourceCharts(thin),
  ];
  return await Promise.all(charts);
}

function validationCharts(validations: TrainLogRecords["validations"]): Promise<string>[] {
  const charts = Map.groupBy(measuresOf(validations), ({ chart }) => chart);
  return [...charts].map(([chart, measures]) =>
    lineChart(measures.flatMap((measure) => validationPoints(validations, measure)), {
      title: `Held-out clips: ${chart}`,
      x: "step",
      y: chart,
    })
  );
}

/** What older logs do not hold. */
function resourceCharts(steps: readonly StepRecord[]): Promise<string>[] {
  const points = (series: string, value: (step: StepRecord) => number | undefined): ChartPoint[] =>
    steps.flatMap((step) => {
      const y = value(step);
      return y === undefined ? [] : [{ x: step.step, y, series }];
    });
  const loader = points("loader", ({ loaderMs, ms }) => loaderMs && 100 * loaderMs / ms);
  const memory = [
    ...points("held", ({ memory }) => memory && memory / 1e9),
    ...points("peak", ({ peakMemory }) => peakMemory && peakMemory / 1e9),
  ];
  const charts = [
    { points: loader, title: "Share of the loader in a step", y: "%" },
    { points: memory, title: "Memory", y: "GB" },
  ];
  return charts.filter(({ points }) => points.length > 0)
    .map(({ points, title, y }) => lineChart(points, { title, x: "step", y }));
}

/** Beginnings of names of numbers that are a line of their own in another number's chart. */
const LINES: Readonly<Record<string, string>> = { prior: "prior alone", oneStep: "one step" };

/** A number of validations: `priorPsnr` is the line "prior alone" of the chart `psnr`. */
interface Measure {
  readonly name: string;
  readonly chart: string;
  readonly line: string;
}

/** The numbers that validations hold, besides the step. */
function measuresOf(validations: TrainLogRecords["validations"]): Measure[] {
  const names = new Set(validations.flatMap((record) => Object.keys(record)));
  for (const name of ["step", "kind", "clips"]) names.delete(name);
  const numbers = [...names].filter((name) =>
    validations.some((record) => typeof record[name] === "number")
  );
  return numbers.map((name) => {
    for (const [beginning, line] of Object.entries(LINES)) {
      const rest = name.slice(beginning.length);
      const chart = rest.charAt(0).toLowerCase() + rest.slice(1);
      if (name.startsWith(beginning) && numbers.includes(chart)) return { name, chart, line };
    }
    return { name, chart: name, line: name };
  });
}

function validationPoints(
  validations: TrainLogRecords["validations"],
  { name, line: series }: Measure,
): ChartPoint[] {
  return validations.filter((record) => typeof record[name] === "number").map((record) => ({
    x: Number(record.step),
    y: record[name] as number,
    series,
  }));
}

/** Running mean over about fifty steps, with no lag at the start. */
function smoothed(steps: readonly StepRecord[]): ChartPoint[] {
  const keep = 0.98;
  let [sum, weight] = [0, 0];
  return steps.filter(({ loss }) => Number.isFinite(loss)).map(({ step, loss }) => {
    sum = keep * sum + (1 - keep) * loss;
    weight = keep * weight + (1 - keep);
    return { x: step, y: sum / weight, series: "mean over 50" };
  });
}

/** Every so-manieth, and the last. */
function thinned<T>(values: readonly T[], most: number = MOST_POINTS): T[] {
  const every = Math.max(1, Math.ceil(values.length / most));
  return values.filter((_, i) => (values.length - 1 - i) % every === 0);
}

function runFacts({ steps, validations }: TrainLogRecords): [string, unknown][] {
  const last = steps[steps.length - 1];
  const times = steps.map(({ ms }) => ms).sort((a, b) => a - b);
  const hours = times.reduce((sum, ms) => sum + ms, 0) / 3_600_000;
  return [
    ["steps", `${last.step} of ${last.of}`],
    ["time in steps", `${hours.toFixed(2)} h`],
    ["median step", `${(times[times.length >> 1] / 1000).toFixed(3)} s`],
    ...resourceFacts(steps),
    ["skipped steps", String(last.skipped)],
    ["last validation", validations.at(-1) ?? "none"],
  ];
}

/** Sums over the whole run; of logs that hold them. */
function resourceFacts(steps: readonly StepRecord[]): [string, unknown][] {
  const told = steps.filter(({ loaderMs }) => loaderMs !== undefined);
  if (told.length === 0) return [];
  const sum = (value: (step: StepRecord) => number | undefined) =>
    told.reduce((total, step) => total + (value(step) ?? 0), 0);
  const [ms, samples] = [sum((step) => step.ms), sum((step) => step.samples)];
  const peak = Math.max(...told.map(({ peakMemory = 0 }) => peakMemory));
  return [
    ...samples > 0
      ? [["samples a second", (samples / (ms / 1000)).toPrecision(3)] as [string, unknown]]
      : [],
    ["loader's share of the steps", `${(100 * sum((step) => step.loaderMs) / ms).toFixed(1)} %`],
    ["peak memory", `${(peak / 1e9).toFixed(2)} GB`],
  ];
}

const LEGEND =
  "<p>Held-out clips: the truth above, what the model makes of it below; where there are three rows, the prior alone between them.</p>";

async function sampleSection(folder: string): Promise<Section[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (/\.(png|jpe?g)$/.test(name)) names.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (names.length === 0) return [];
  const figures = thinned(names.sort(), MOST_SHEETS).map(async (name) =>
    figure(await readBytes(join(folder, name)), {
      type: name.endsWith("png") ? "image/png" : "image/jpeg",
      caption: name.replace(/\.\w+$/, ""),
    })
  );
  const html = [LEGEND, ...await Promise.all(figures)].join("\n");
  return [{ title: "Samples over time", html }];
}

async function configSection(path: string): Promise<Section[]> {
  if (!await Deno.stat(path).then((facts) => facts.isFile, () => false)) return [];
  return [{ title: "Configuration", html: factsTable(flat(await readJson(path))) }];
}

/** Leaves of a record by their dotted path. */
function flat(value: unknown, path: string = ""): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) =>
    flat(inner, path ? `${path}.${key}` : key)
  );
}
