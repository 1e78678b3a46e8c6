/**
 * Door of the grid: several views of a scene at once (4Real-Video).
 * @module
 */
export { stations, viewCameras } from "./cameras.ts";
export { generateGrid, type GenerateGridOptions } from "./generate_grid.ts";
export { generateViews } from "./generate_views.ts";
export {
  gridInputFiles,
  type GridJob,
  type GridJobInput,
  mapGridPaths,
  parseGridJob,
} from "./grid_job.ts";
export { type GridRecord, isGridRecord, makeGridRecord, readGridRecord } from "./grid_record.ts";
export { nerfstudioFiles } from "./nerfstudio.ts";
export { askGrid } from "./sample_grid.ts";
export { checkGridOutput, type GridPaths, gridPaths, mosaicShape } from "./write_grid.ts";
