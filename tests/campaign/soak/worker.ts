/**
 * Makes all jobs of a file in one process, as `isa4d batch` does, and says before each what the process
 * holds. Arguments: the folder with `jobs.jsonl`.
 * @module
 */
import { join, resolve } from "node:path";
import {
  FileHashes,
  type JobEvent,
  Ledger,
  parseJobsFile,
  prepareBatch,
  runJobs,
} from "../../../lib/batch/mod.ts";
import { liveTensors } from "../../../lib/tensor/mod.ts";

/** What the process holds between two jobs. */
export interface Held {
  /** Jobs that are done. */
  readonly jobs: number;
  /** Resident bytes. */
  readonly resident: number;
  readonly tensors: number;
  /** Open files. */
  readonly handles: number;
}

/** A line of the worker's. */
export type Line = Held | { readonly failed: string };

if (import.meta.main) {
  const [folder] = Deno.args;
  const out = join(folder, "out");
  const { entries, problems } = parseJobsFile(
    await Deno.readTextFile(join(folder, "jobs.jsonl")),
    { resolve: (path) => resolve(folder, path), out },
  );
  if (problems.length > 0) throw new Error(problems[0].message);
  let jobs = 0;
  const say = (line: Line) => console.log(JSON.stringify(line));
  const onEvent = (event: JobEvent) => {
    if (event.kind === "failed") say({ failed: event.error });
    if (event.kind === "begun") say(held(jobs));
    if (event.kind === "done") jobs++;
  };
  await Deno.mkdir(out);
  using ledger = Ledger.open(join(out, "batch.sqlite"));
  await prepareBatch(ledger, entries, { hashes: new FileHashes(ledger), folder: out });
  await runJobs(ledger, entries, { folder: out, retries: 0, leaseMs: 60_000, onEvent });
  say(held(jobs));
}

function held(jobs: number): Held {
  return {
    jobs,
    resident: Deno.memoryUsage().rss,
    tensors: liveTensors(),
    handles: [...Deno.readDirSync("/proc/self/fd")].length,
  };
}
