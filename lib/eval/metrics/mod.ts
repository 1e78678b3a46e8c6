/**
 * What is measured: one record a metric. It loads nothing, so that `--help` and pages can read it.
 * @module
 */
export { type EvalKind, evalKinds } from "./kinds.ts";
export {
  badness,
  baselinesFirst,
  headOf,
  isNetMetric,
  type Metric,
  type MetricGroup,
  type MetricName,
  metricNamed,
  type MetricOf,
  type Metrics,
  metrics,
  metricsOf,
  type NetMetric,
  netMetrics,
  withArrow,
} from "./table.ts";
