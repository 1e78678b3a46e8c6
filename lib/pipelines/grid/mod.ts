/**
 * Door of the grid: several views of a scene at once (4Real-Video).
 * @module
 */
export { stations, viewCameras } from "./cameras.ts";
export { generateGrid, type GenerateGridOptions } from "./generate_grid.ts";
export { generateViews } from "./generate_views.ts";
export { checkGridOutput, type GridPaths, gridPaths, mosaicShape } from "./output.ts";
export { type GridRecord, isGridRecord, makeGridRecord, readGridRecord } from "./record.ts";
export { askGrid } from "./sample.ts";
export {
  gridInputFiles,
  type GridJob,
  type GridJobInput,
  mapGridPaths,
  parseGridJob,
} from "./schema.ts";
