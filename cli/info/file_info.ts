/**
 * What a file or folder says of itself: the record that it carries, and what kind that is.
 * @module
 */
import { join } from "node:path";
import { InputError } from "../../lib/errors.ts";
import { evalKinds } from "../../lib/eval/metrics/mod.ts";
import { SafetensorsFile } from "../../lib/io/mod.ts";
import { Ledger } from "../../lib/batch/mod.ts";
import { readRaw } from "../../lib/pipelines/record/mod.ts";

/** What a file says. */
export interface FileInfo {
  /** The file that carries the record; within a folder, where a folder was asked for. */
  readonly file: string;
  /** The record's format, or the kind of tensors. */
  readonly kind: string;
  /** The same in words. */
  readonly title: string;
  readonly record: Readonly<Record<string, unknown>>;
}

const titles: Readonly<Record<string, string>> = {
  "isa4d-generation": "a generated video or picture",
  "isa4d-grid": "a grid of views",
  "isa4d-grid-views": "the list of a grid's views",
  "isa4d-clips": "a data set of rendered clips",
  "isa4d-videos": "an index of videos and pictures",
  "isa4d-eval": "a measurement",
  "isa4d-preview": "a preview",
  "isa4d-plan": "a plan",
  "isa4d-pose": "a body pose",
  "isa4d-cameras": "cameras",
  "isa4d-motion": "a motion",
  "isa4d-doctor": "a check of the set-up",
  batch: "the ledger of a batch",
  training: "the settings of a training run",
  latents: "latents",
  sampling: "an interrupted generation: --resume continues it",
  isa_dit: "weights of an ISA-DiT",
  isa_dit_lora: "low-rank parts of an ISA-DiT (LoRA)",
  video_vae: "weights of a VideoVAE",
  synth_image_net: "weights of the image network that measures",
  synth_video_net: "weights of the video network that measures",
};

/** Where a folder's record lies, the first that is there. */
const inFolder = [
  "metadata.json",
  "grid.json",
  "index.json",
  "videos.json",
  "batch.sqlite",
  "lora.safetensors",
  "isa_dit.safetensors",
  "video_vae.safetensors",
  "config.json",
  ...evalKinds.map((kind) => `${kind}.json`),
];

/** Reads the record of a file or folder. Throws {@linkcode InputError} for one that carries none. */
export async function fileInfo(path: string): Promise<FileInfo> {
  const found = await Deno.stat(path).catch(() => undefined);
  if (found?.isDirectory) return await folderInfo(path);
  if (!found && !path.includes("%")) throw new InputError(`there is no file "${path}"`);
  if (path.endsWith(".sqlite")) return ledgerInfo(path);
  if (path.endsWith(".safetensors")) return await tensorsInfo(path);
  const record = await readRaw(path);
  const { format } = (record ?? {}) as { format?: unknown };
  if (typeof format === "string" && format.startsWith("isa4d-")) {
    return { ...titled(path, format), record: record as FileInfo["record"] };
  }
  if (/(^|[/\\])config\.json$/.test(path) && typeof record === "object" && record !== null) {
    return { ...titled(path, "training"), record: record as FileInfo["record"] };
  }
  throw new InputError(`"${path}" carries no record of isa4d`);
}

async function folderInfo(folder: string): Promise<FileInfo> {
  for (const name of inFolder) {
    const path = join(folder, name);
    if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return fileInfo(path);
  }
  throw new InputError(
    `the folder "${folder}" carries no record of isa4d: expected one of ${inFolder.join(", ")}`,
  );
}

function titled(file: string, kind: string): Pick<FileInfo, "file" | "kind" | "title"> {
  return { file, kind, title: titles[kind] ?? kind };
}

/** What a file's header says; a tensor is only counted. */
async function tensorsInfo(path: string): Promise<FileInfo> {
  using file = await SafetensorsFile.open(path);
  const { kind, format, ...metadata } = file.metadata;
  const entries = [...file.entries.values()];
  const values = entries.map(({ shape }) => shape.reduce((all, size) => all * size, 1));
  const said = Object.entries(metadata).map(([name, text]) => [name, parsed(text)]);
  return {
    ...titled(path, kind ?? format ?? "tensors"),
    record: {
      ...Object.fromEntries(said),
      tensors: entries.length,
      values: values.reduce((sum, count) => sum + count, 0),
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function ledgerInfo(path: string): FileInfo {
  using ledger = Ledger.open(path, { create: false });
  const rows = ledger.rows();
  const states = Map.groupBy(rows, ({ state }) => state);
  const counts = [...states].map(([state, { length }]) => [state, length]);
  const jobs = rows.map(({ id, state, output, error, seconds, record }) => ({
    ...{ id, state, output, seconds, error },
    record: parsed(record),
  }));
  return { ...titled(path, "batch"), record: { ...Object.fromEntries(counts), jobs } };
}
