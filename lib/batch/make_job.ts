/**
 * One job of a batch from its files to its output: what is there already is kept, what was cut is
 * gone on with.
 * @module
 */
import { dirname } from "node:path";
import { IoError } from "../errors.ts";
import { exists, removeQuietly, SafetensorsFile, writeJson } from "../io/mod.ts";
import { generate, type GenerateProgress } from "../pipelines/generation/mod.ts";
import type { Job } from "../pipelines/job/mod.ts";
import {
  carriesCredentials,
  checkOutput,
  differences,
  type GenerationRecord,
  makeRecord,
  parseRecord,
  portableRecord,
  readRecord,
  recordPath,
  resumePath,
  type Seal,
  withDtypeLeft,
  writeOutput,
} from "../pipelines/record/mod.ts";
import { inspectScene } from "../preview/mod.ts";
import { findJobWeights, type ModelSource } from "../pipelines/weights/mod.ts";
import type { FileHashes } from "./file_hashes.ts";
import type { Made } from "./ledger.ts";
import { outputFiles, removeParts, resultPaths } from "./outputs.ts";

/** What a job is made with. */
export interface MakeJobOptions {
  readonly hashes: FileHashes;
  readonly models: ModelSource;
  /** The batch's folder. */
  readonly folder: string;
  /** Whether an earlier attempt vanished, which may have written the output. */
  readonly wasCut: boolean;
  /** Signs what is written. */
  readonly seal?: Seal;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: GenerateProgress) => void;
  readonly onNotice?: (text: string) => void;
}

/** Makes a job's video; errors as of {@linkcode generate}. */
export async function makeJob(asked: Job, options: MakeJobOptions): Promise<Made> {
  const { hashes, folder } = options;
  const began = performance.now();
  const job = await withDtypeLeft(asked, resumePath(asked.output));
  const weights = await findJobWeights(job.weights);
  const record = await makeRecord(job, weights.all, { hash: (path) => hashes.hash(path) });
  if (options.wasCut && await isMade(record, options)) {
    options.onNotice?.("its output was there already, whole");
  } else await sampleAndWrite(record, weights, options);
  // At the end, since an ffmpeg may outlive for a moment the process that it wrote for.
  if (options.wasCut) await removeParts(job.output);
  const outputs = await outputFiles(job, folder);
  const inputs = [...record.inputs, ...record.weights];
  return { seconds: (performance.now() - began) / 1000, inputs, outputs };
}

/** Whether an earlier attempt got as far as the output, which appears whole, and no further. */
async function isMade(
  record: GenerationRecord,
  { seal }: Pick<MakeJobOptions, "seal">,
): Promise<boolean> {
  const { output, frames } = record.job;
  const beside = recordPath(output);
  const pictures = beside.endsWith("metadata.json");
  const there = await readRecord(pictures ? beside : output).catch(() => undefined);
  if (!there || differences(there, record, ["output"]).length > 0) return false;
  if (seal && !await carriesCredentials(resultPaths(output, frames)[0])) return false;
  const state = resumePath(output);
  if (state) await removeQuietly(state);
  await writeJson(beside, portableRecord(there, beside));
  return true;
}

async function sampleAndWrite(
  record: GenerationRecord,
  weights: Awaited<ReturnType<typeof findJobWeights>>,
  { models, seal, signal, onProgress, onNotice }: MakeJobOptions,
): Promise<void> {
  const { job } = record;
  await makeFolder(dirname(job.output));
  await checkOutput(job.output, job);
  const state = resumePath(job.output);
  const resume = state !== undefined && await canResume(state, record);
  if (resume) onNotice?.("continues where it was interrupted");
  await generate(job, weights, async (frames) => {
    await writeOutput(frames, { output: job.output, record, seal });
  }, {
    files: { record, state, resume },
    ...{ models, signal, onProgress, onNotice },
    onScene: async (scene) => {
      const { warnings } = await inspectScene(job, scene);
      for (const { message } of warnings) onNotice?.(`warning: ${message}`);
    },
  });
}

/** Whether a state is there and of this job; another one is taken away. */
async function canResume(path: string, record: GenerationRecord): Promise<boolean> {
  if (!await exists(path)) return false;
  try {
    using file = await SafetensorsFile.open(path);
    const there = parseRecord(file.metadata.record ?? "", path);
    if (differences(there, record, ["output"]).length === 0) return true;
  } catch { // damaged: as good as none
  }
  await removeQuietly(path);
  return false;
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new IoError(`cannot make the folder "${folder}": ${(cause as Error).message}`, { cause });
  }
}
