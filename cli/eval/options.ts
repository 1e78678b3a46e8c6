/**
 * Option values of `isa4d eval`.
 * @module
 */
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { type MetricOf, metricsOf } from "../../lib/eval/metrics/mod.ts";

/** Scores against true frames. */
export const frameMetrics = metricsOf("frame");

/** Names of scores with commas between. */
export function metricList(given: string): MetricOf<"frame">[] {
  return given.split(",").map((name) => {
    const found = frameMetrics.find((metric) => metric === name.trim());
    if (found) return found;
    throw new InvalidArgumentError(`"${name}" is none of ${frameMetrics.join(", ")}`);
  });
}

/** `256x256`. */
export function pictureSize(given: string): { width: number; height: number } {
  const [, width, height] = /^(\d+)[x×](\d+)$/.exec(given)?.map(Number) ?? [];
  if (width > 0 && height > 0) return { width, height };
  throw new InvalidArgumentError("expected width×height in pixels, such as 256x256");
}
