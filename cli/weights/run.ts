/**
 * Runs `isa4d weights …`.
 * @module
 */
import { InputError, UsageError } from "../../lib/errors.ts";
import {
  type CheckpointFacts,
  type ConvertTarget,
  convertWeights,
  inspectCheckpoint,
  readManifest,
  type ShippedSet,
  verifyWeights,
} from "../../lib/pipelines/checkpoints/mod.ts";
import { isFile } from "../../lib/pipelines/job/mod.ts";
import { filesOf } from "../../lib/pipelines/mod.ts";
import type { Context } from "../support/context.ts";
import { tensorOutput } from "../support/job_outputs.ts";
import { checkOutputs, type OverwriteFlag, requireEnding } from "../support/outputs.ts";

/** `isa4d weights list`. */
export async function runList({ json }: { readonly json?: boolean }, context: Context) {
  const manifest = await readManifest();
  if (json) return await context.print(JSON.stringify(manifest, null, 2));
  const rows = manifest.weights.map((set) => [
    set.name,
    megabytes(set.files.reduce((sum, { bytes }) => sum + bytes, 0)),
    modelsOf(set),
    `weights/${set.card}`,
  ]);
  await context.print(table([["name", "size", "holds", "card"], ...rows]));
}

function modelsOf({ models }: ShippedSet): string {
  const names = {
    video_vae: "VideoVAE",
    isa_dit: "ISA-DiT",
    synth_image_net: "image network",
    synth_video_net: "video network",
  };
  const told = models.map(({ kind, parameters }) =>
    parameters === 0 ? names[kind] : `${names[kind]} ${counted(parameters)}`
  );
  return told.join(", ") || "no model";
}

/** `isa4d weights inspect`. */
export async function runInspect(
  file: string,
  { tensors, json }: { readonly tensors?: boolean; readonly json?: boolean },
  context: Context,
): Promise<void> {
  const { list, ...facts } = await inspectCheckpoint(context.path(file));
  if (json) return await context.print(JSON.stringify(tensors ? { ...facts, list } : facts));
  const lines = [...factLines({ ...facts, list })];
  if (tensors) {
    lines.push(table(list.map(({ name, dtype, shape }) => [name, dtype, `[${shape}]`])));
  }
  await context.print(lines.join("\n"));
}

function* factLines(facts: CheckpointFacts): Generator<string> {
  const { format, files, tensors, values, bytes, dtypes, metadata, holds } = facts;
  const types = Object.entries(dtypes).map(([dtype, count]) => `${count} ${dtype}`).join(", ");
  const shards = files.length > 1 ? `, ${files.length} shards` : "";
  yield `format    ${format === "torch" ? "PyTorch zip" : "safetensors"}${shards}`;
  yield `tensors   ${tensors} (${types || "none"}), ${counted(values)} values, ${megabytes(bytes)}`;
  for (const [key, value] of Object.entries(metadata)) yield `metadata  ${key}: ${value}`;
  if (holds.length === 0) yield "holds     nothing that isa4d knows";
  for (const { model, layout, use, config, problem } of holds) {
    yield `holds     ${model}, names of ${layout}`;
    if (config) yield `config    ${JSON.stringify(config)}`;
    yield problem === undefined ? `use       isa4d ${use}` : `problem   ${problem}`;
  }
}

/** `isa4d weights verify`; fails after the last file where any was bad. */
export async function runVerify(
  given: string | undefined,
  { json }: { readonly json?: boolean },
  context: Context,
): Promise<void> {
  const weights = given !== undefined && isFile.weights(given) ? context.path(given) : given;
  let [bad, all] = [0, 0];
  for await (const verdict of verifyWeights(weights)) {
    context.signal.throwIfAborted();
    const { file, check, problem } = verdict;
    all++;
    if (problem !== undefined) bad++;
    const line = problem === undefined ? `ok   ${file} (${check})` : `BAD  ${file}: ${problem}`;
    await context.print(json ? JSON.stringify(verdict) : line);
  }
  if (bad > 0) throw new InputError(`${bad} of ${all} checks failed`);
}

/** Flags of `isa4d weights convert`. */
export interface ConvertWeightsFlags extends OverwriteFlag {
  readonly to: ConvertTarget;
  readonly output: string;
  readonly config?: string;
  readonly imageEncoder?: string;
  readonly seed?: number;
  readonly dtype?: "float32" | "bfloat16" | "float16";
  readonly json?: true;
}

/** `isa4d weights convert`. */
export async function runConvertWeights(
  file: string,
  flags: ConvertWeightsFlags,
  context: Context,
): Promise<void> {
  const { to, imageEncoder, seed, dtype } = flags;
  const only = { "--config": flags.config, "--image-encoder": imageEncoder, "--seed": seed };
  const [foreign] = Object.entries(only).find(([, given]) => given !== undefined) ?? [];
  if (to !== "isa_dit" && foreign) throw new UsageError(`${foreign} goes with --to isa_dit only`);
  const output = context.path(flags.output);
  requireEnding("-o", output, [".safetensors"]);
  const options = {
    config: flags.config === undefined ? undefined : configOf(flags.config, context),
    imageEncoder: imageEncoder === undefined ? undefined : context.path(imageEncoder),
  };
  const input = context.path(file);
  const inputs = [input, ...await filesOfCheckpoint(input), ...Object.values(options)];
  await checkOutputs([tensorOutput("-o", output)], { ...flags, inputs }, context);
  const { dropped, ...report } = await convertWeights(input, {
    ...{ to, output, seed, dtype },
    ...options,
  });
  if (dropped.length > 0) {
    context.notice(`${dropped.length} tensors of the text stream and other parts were left out`);
  }
  const record = { ...report, dropped: dropped.length };
  await context.print(flags.json ? JSON.stringify(record) : output);
}

/** A checkpoint's shards, by its own name or by its index's. */
async function filesOfCheckpoint(path: string): Promise<string[]> {
  return await filesOf(path.replace(/\.index\.json$/, "")).catch(() => []);
}

/** A bare word is a preset. */
function configOf(given: string, context: Context): string {
  return /^[\w-]+$/.test(given) ? given : context.path(given);
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd())
    .join("\n");
}

function megabytes(bytes: number): string {
  return `${Number((bytes / 1e6).toPrecision(3))} MB`;
}

/** Three digits and K, M or G. */
function counted(count: number): string {
  const power = count < 1 ? 0 : Math.min(3, Math.floor(Math.log10(count) / 3));
  return `${Number((count / 1000 ** power).toPrecision(3))}${["", " K", " M", " G"][power]}`;
}
