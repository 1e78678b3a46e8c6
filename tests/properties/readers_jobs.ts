/**
 * Readers of jobs, of what was made and of what is told about people, each with a file that it reads.
 * @module
 */
import { InputError } from "../../lib/errors.ts";
import { LeaseWatch, Ledger, parseJobsFile, thisOwner } from "../../lib/batch/mod.ts";
import { readGridRecord } from "../../lib/pipelines/grid/mod.ts";
import { parseJob } from "../../lib/pipelines/job/mod.ts";
import { readKeypoints } from "../../lib/track/mod.ts";
import { filesOf, readJobFile, readRecord } from "../../lib/pipelines/mod.ts";
import { readTrainConfig } from "../../cli/train/config.ts";
import { gridCameras } from "../../lib/viewer/grid_result.ts";
import { readMetrics } from "../../lib/viewer/metrics.ts";
import { type ReaderCase, text, written } from "./reader_case.ts";

const job = {
  reference: { image: "a.png", pose: "a.json" },
  persons: [{ motion: "builtin:walk", offset: [0, 0, 0.5] }],
  ...{ width: 32, height: 32, frames: 5, output: "out.mp4" },
};
const hashed = [{ path: "a.png", sha256: "0".repeat(64) }];
const facts = {
  ...{ version: 1, inputs: hashed, weights: hashed },
  versions: { isa4d: "0.1.0", deno: "2.9.8" },
};

async function readJobs(path: string): Promise<void> {
  const { entries, problems } = parseJobsFile(await Deno.readTextFile(path), {
    resolve: (path) => path,
    out: "out",
  });
  const [problem] = problems;
  if (problem) throw new InputError(`"${path}" line ${problem.line}: ${problem.message}`);
  if (entries.length === 0) throw new InputError(`"${path}" has no job`);
}

const entry = { id: "a", hash: "a", record: "{}", output: "a.mp4", models: "a" };

function writeLedger(path: string): Promise<void> {
  using ledger = Ledger.open(path);
  ledger.add([entry]);
  return Promise.resolve();
}

async function readLedger(path: string): Promise<void> {
  // To SQLite nothing at all is a ledger that has yet to be made.
  if ((await Deno.stat(path)).size === 0) throw new InputError(`"${path}" is empty`);
  using ledger = Ledger.open(path);
  ledger.want([entry]);
  const claim = ledger.claim(thisOwner(), { watch: new LeaseWatch(1000) });
  if (claim) ledger.release(claim);
  ledger.counts();
}

const flat = (count: number) => Array.from({ length: count * 3 }, (_, i) => i % 3 === 2 ? 0.9 : i);

const camera = {
  ...{ fx: 30, fy: 30, cx: 16, cy: 12 },
  ...{ rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 3] },
};
const cameras = { format: "isa4d-cameras", width: 32, height: 24, fps: 8, frames: [camera] };

/** The shards are found beside the index, whatever it is called by. */
const shardsOf = (path: string) => filesOf(path.replace(".index.json", ""));

const configOf = (path: string) => readTrainConfig({ config: path }, {}, { path: (p) => p });

/** All of them. */
export const jobReaders: readonly ReaderCase[] = [
  {
    name: "a job",
    file: "job.json",
    sample: () => text(job),
    read: async (path) => parseJob(await readJobFile(path), `"${path}"`),
  },
  {
    name: "a file of jobs",
    file: "jobs.jsonl",
    sample: () => {
      const lines = [{ defaults: { steps: 2 } }, job].map((line) => JSON.stringify(line));
      return new TextEncoder().encode(lines.join("\n"));
    },
    read: readJobs,
  },
  {
    name: "the ledger of a batch",
    file: "batch.sqlite",
    sample: () => written("batch.sqlite", writeLedger),
    read: readLedger,
    runs: 5,
  },
  {
    name: "the record of a video",
    file: "out.mp4.json",
    sample: () => text({ format: "isa4d-generation", job, ...facts }),
    read: readRecord,
  },
  {
    name: "the record of a grid",
    file: "grid.json",
    sample: () => text({ format: "isa4d-grid", grid: { job, views: 2 }, ...facts }),
    read: readGridRecord,
  },
  {
    name: "key points of COCO",
    file: "a.json",
    sample: () => text([{ keypoints: flat(17) }]),
    read: readKeypoints,
  },
  {
    name: "key points of OpenPose",
    file: "a.json",
    sample: () => text({ people: [{ pose_keypoints_2d: flat(25) }] }),
    read: readKeypoints,
  },
  {
    name: "the list of a grid's views",
    file: "views.json",
    sample: () => text({ format: "isa4d-grid-views", version: 1, views: [{ cameras }] }),
    read: (path) => gridCameras(path, 1),
  },
  {
    name: "the shards of weights",
    file: "isa_dit.safetensors.index.json",
    sample: () => text({ weight_map: { a: "1.safetensors", b: "2.safetensors" } }),
    read: shardsOf,
  },
  {
    name: "a training's configuration",
    file: "config.json",
    sample: () => text({ settings: { steps: 1 } }),
    read: configOf,
  },
  {
    name: "measured quality",
    file: "a.json",
    sample: () => text({ psnr: 20, person: { psnr: [19, 20] } }),
    read: (path) => readMetrics(path, { name: "a", frames: 2 }),
  },
];
