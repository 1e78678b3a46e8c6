/**
 * Door of the job record alone: no model, no libtorch, so that help and schema stay fast.
 * @module
 */
export { fittedPose, inputFiles, isFile, mapJobPaths, withoutFragment } from "./paths.ts";
export {
  describeIssue,
  describeIssues,
  type Job,
  type JobInput,
  jobJsonSchema,
  jobSchema,
  parseJob,
  partialJobSchema,
  type Person,
  personSchema,
  type Reference,
  referenceSchema,
} from "./schema.ts";
