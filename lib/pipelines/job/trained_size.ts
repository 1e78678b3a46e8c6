/**
 * What shipped models were trained at.
 * @module
 */

/** Size and rate of jobs that name these weights, where they say none themselves. */
const trainedSizes = {
  small: { width: 128, height: 128, frames: 17, fps: 8 },
} as const;

/** A written job with the size that its weights were trained at; what it says itself stays. */
export function withTrainedSize(job: unknown): unknown {
  if (typeof job !== "object" || job === null || !("weights" in job)) return job;
  const { weights } = job;
  if (typeof weights !== "string" || !Object.hasOwn(trainedSizes, weights)) return job;
  return { ...trainedSizes[weights as keyof typeof trainedSizes], ...job };
}
