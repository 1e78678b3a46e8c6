/**
 * The number type that a job is computed in, where the job leaves it to the machine.
 * @module
 */
import { fastestDtype, type ProductDtype } from "../../nn/mod.ts";
import type { Device } from "../../tensor/mod.ts";
import type { Job } from "../job/mod.ts";

/** A job that leaves no number type to the machine. */
export type SettledJob = Job & { readonly dtype: ProductDtype };

/** The job with the number type that it is really computed in. */
export function withDtype(job: Job): SettledJob {
  return { ...job, dtype: dtypeOf(job) };
}

/** What the job says; for "auto" the fastest one of its device. */
export function dtypeOf({ dtype, device }: Pick<Job, "dtype" | "device">): ProductDtype {
  return dtype === "auto" ? fastestDtype(device as Device).dtype : dtype;
}
