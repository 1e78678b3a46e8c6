/**
 * Data sets of synthetic clips on disk.
 * @module
 */
export type { DatasetIndex } from "./layout.ts";
export { Dataset, openDataset } from "./read.ts";
export { listRecordings, readRecordings } from "./recordings.ts";
export { type ShardProgress, writeDataset, type WriteDatasetOptions } from "./write.ts";
