/**
 * Door of the reports: what happened, as pages for people.
 * @module
 */
export { type ChartOptions, type ChartPoint, lineChart } from "./charts.ts";
export { type EvalRecordFile } from "./eval_records.ts";
export { evalReport } from "./eval_report.ts";
export { escapeHtml, type Section } from "./page.ts";
export { readTrainLog, type StepRecord, type TrainLogRecords } from "./train_log_file.ts";
export { trainReport } from "./train_report.ts";
