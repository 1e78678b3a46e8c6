/**
 * Door of what a run leaves behind: its video, its latents, its state, and the record of what they were
 * made from.
 * @module
 */
export { type EncodedJob, encodingOf, type StreamFormat } from "./encoding.ts";
export {
  readLatents,
  readLatentsRecord,
  type StoredLatents,
  writeLatents,
} from "./latents_file.ts";
export { dtypeOf, type SettledJob, withDtype } from "./job_dtype.ts";
export { type Marks, readMarks } from "./marks.ts";
export { carriesCredentials, originOf } from "./origin.ts";
export { type Seal, sealing, settleSidecars } from "./seal.ts";
export {
  checkOutput,
  type OutputKind,
  outputKind,
  type OutputTarget,
  writeOutput,
} from "./output.ts";
export {
  carrierFolder,
  checkRecord,
  type GenerationRecord,
  hashAll,
  type HashedFile,
  makeRecord,
  parseRecord,
  portableRecord,
  readJobFile,
  readRaw,
  readRecord,
  recordPath,
  recordSchema,
  refuseOtherKind,
} from "./provenance.ts";
export { foundPaths, fullPaths, portablePaths } from "./record_paths.ts";
export {
  recover,
  resumePath,
  savedState,
  savingRhythm,
  withDtypeLeft,
  writeSampling,
} from "./resume.ts";
export { differences, requireSameJob } from "./same_job.ts";
