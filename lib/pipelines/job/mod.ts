/**
 * Door of the job record alone: no model, no libtorch, so that help and schema stay fast.
 * @module
 */
export { type FieldFacts, type FieldGroup, longFlag } from "./field.ts";
export { type JobField, jobFields } from "./fields.ts";
export { fittedPose, isFile, photoPose, withoutFragment } from "./files.ts";
export { describeIssue, describeIssues } from "./issues.ts";
export { inputFiles, type JobFile, jobFiles, mapJobPaths } from "./paths.ts";
export {
  qualities,
  type Quality,
  withQuality,
  type WrittenJob,
  writtenJobSchema,
} from "./quality.ts";
export {
  jobJsonSchema,
  parseFlagsJob,
  parseJob,
  partOfJobSchema,
  readWritten,
  storedJobSchema,
} from "./read.ts";
export {
  type Job,
  type JobInput,
  jobObject,
  jobSchema,
  type Person,
  type Reference,
} from "./schema.ts";
