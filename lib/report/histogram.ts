/**
 * Histograms as SVG text, drawn by Vega without a browser.
 * @module
 */
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

/** Draws how often values occur. */
export async function histogram(
  values: readonly number[],
  { title, x }: { readonly title: string; readonly x: string },
): Promise<string> {
  const spec: TopLevelSpec = {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    width: 520,
    height: 180,
    title: { text: title, anchor: "start" },
    data: { values: values.map((value) => ({ value })) },
    mark: { type: "bar", color: "#0072b2" },
    encoding: {
      x: { field: "value", type: "quantitative", bin: { maxbins: 30 }, title: x },
      y: { aggregate: "count", type: "quantitative", title: "how many" },
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
