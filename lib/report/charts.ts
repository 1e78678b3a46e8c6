/**
 * Line charts as SVG text, drawn by Vega without a browser.
 * @module
 */
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

/** A point of a chart. */
export interface ChartPoint {
  readonly x: number;
  readonly y: number;
  /** Line that the point belongs to; the legend names it. */
  readonly series: string;
}

/** What a chart says beside its points. */
export interface ChartOptions {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Whether y is drawn on a logarithmic scale; it must be above 0 then. Default false. */
  readonly logarithmic?: boolean;
  /** Series drawn thin and pale, as the raw values behind a smoothed line are. */
  readonly faint?: readonly string[];
}

const SIZE = { width: 520, height: 240 } as const;

/** One colour a series, told apart by people who see few colours (Okabe and Ito). */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/** Draws the points as lines, one a series. Points that are not finite are left out. */
export async function lineChart(
  points: readonly ChartPoint[],
  options: ChartOptions,
): Promise<string> {
  const values = points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  const series = [...new Set(values.map((point) => point.series))];
  const faint = new Set(options.faint);
  const spec: TopLevelSpec = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    ...SIZE,
    title: { text: options.title, anchor: "start" },
    data: { values },
    mark: { type: "line", interpolate: "linear", point: values.length < 40, clip: true },
    encoding: {
      x: {
        field: "x",
        type: "quantitative",
        title: options.x,
        scale: { zero: false },
        // What is counted, steps or frames, has no halves.
        axis: values.every(({ x }) => Number.isInteger(x)) ? { tickMinStep: 1, format: ",d" } : {},
      },
      y: {
        field: "y",
        type: "quantitative",
        title: options.y,
        scale: options.logarithmic ? { type: "log" } : { type: "linear", zero: false },
      },
      color: {
        field: "series",
        type: "nominal",
        title: null,
        sort: series,
        scale: { domain: series, range: series.map((_, i) => COLOURS[i % COLOURS.length]) },
        legend: series.length > 1 ? { orient: "bottom", labelLimit: 0 } : null,
      },
      opacity: {
        condition: { test: memberOf(faint), value: 0.25 },
        value: 1,
      },
      strokeWidth: { condition: { test: memberOf(faint), value: 1 }, value: 2 },
    },
    config: { font: "system-ui, sans-serif", background: "white", view: { stroke: "#ddd" } },
  };
  const view = new View(parse(compile(spec).spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

function memberOf(names: ReadonlySet<string>): string {
  return `indexof(${JSON.stringify([...names])}, datum.series) >= 0`;
}
