/**
 * What stands between a command and the files of its user: nothing that a command reads is ever
 * written to, and nothing that is there is replaced unless the user says so.
 * @module
 */
import { basename, dirname } from "node:path";
import { UsageError } from "../errors.ts";
import { writeFailure } from "./failures.ts";
import {
  filesAt,
  filesBelow,
  filesOfInput,
  findFile,
  type FoundFile,
  spelledOut,
} from "./file_identity.ts";
import { isSequencePattern, patternProblem } from "./png_sequence.ts";

/** Something that a command is about to write. */
export interface PlannedOutput {
  /** The flag or argument that names it, such as `-o`. */
  readonly flag: string;
  /** A file, or numbered pictures such as `out/%04d.png`. */
  readonly path: string;
  /** Files that come with it, such as its record. */
  readonly beside?: readonly string[];
  /** Recognises a file that this very command has made before; such a file is no foreign input. */
  readonly ours?: (path: string) => Promise<boolean>;
  /** Whether files that are `ours` are replaced without a question. */
  readonly renews?: boolean;
}

/** How {@linkcode guardOutputs} treats what it finds. */
export interface GuardOptions {
  /** Files and folders that the command reads, as its flags name them. */
  readonly inputs: readonly string[];
  /** Replaces outputs that are there. */
  readonly overwrite?: boolean;
  /** Asks the user whether these outputs may be replaced. */
  readonly confirm?: (question: string) => Promise<boolean>;
}

/** A file that an output would replace. */
interface Target extends FoundFile {
  readonly output: PlannedOutput;
  readonly ours: boolean;
}

/**
 * Checks, before any work, that outputs may be written. Resolves to whether files are replaced.
 *
 * Throws {@linkcode UsageError} for an output that is an input or another output, that exists and may
 * not be replaced, or that no file can have as its name; {@linkcode IoError} for a folder that takes no
 * files.
 * @internal
 */
export async function guardOutputs(
  outputs: readonly PlannedOutput[],
  { inputs, overwrite = false, confirm }: GuardOptions,
): Promise<boolean> {
  await refuseImpossible(outputs);
  await refuseTwice(outputs);
  const targets = await targetsOf(outputs);
  await refuseInputs(outputs, targets, inputs);
  for (const { path, facts } of targets) {
    if (!facts.isFile) throw new UsageError(`cannot write "${path}": ${obstacle(facts)}`);
  }
  for (const output of outputs) await refuseFileAsFolder(output);
  const folders = new Set<string>();
  for (const path of outputs.flatMap(pathsOf)) {
    if (folders.has(dirname(path))) continue;
    folders.add(dirname(path));
    await checkWritable(path);
  }
  const replaced = targets.filter(({ ours, output }) => !(ours && output.renews));
  if (replaced.length === 0 || overwrite) return overwrite;
  const what = existing(replaced);
  if (await confirm?.(`${what}: overwrite?`)) return true;
  throw new UsageError(`${what}: give another name, or -y to overwrite`);
}

function pathsOf({ path, beside = [] }: PlannedOutput): string[] {
  return [path, ...beside];
}

async function refuseImpossible(outputs: readonly PlannedOutput[]): Promise<void> {
  for (const { flag, path } of outputs) {
    const problem = await patternProblem(path);
    if (problem) throw new UsageError(`${flag} "${path}": ${problem}`);
  }
}

/** Two outputs, or what lies beside them, under one name. */
async function refuseTwice(outputs: readonly PlannedOutput[]): Promise<void> {
  const known = new Map<string, PlannedOutput>();
  for (const output of outputs) {
    for (const path of new Set(pathsOf(output))) {
      const place = await spelledOut(path);
      const other = known.get(place);
      if (other) {
        const flags = [...new Set([other.flag, output.flag])].join(" and ");
        throw new UsageError(`${flags} would write "${path}" twice: give each its own name`);
      }
      known.set(place, output);
    }
  }
}

async function targetsOf(outputs: readonly PlannedOutput[]): Promise<Target[]> {
  const found: Omit<Target, "ours">[] = [];
  for (const output of outputs) {
    for (const path of pathsOf(output)) {
      for (const file of await filesAt(path)) found.push({ ...file, output });
    }
  }
  // Only then, so that what another process has made meanwhile is known to be its own.
  const targets: Target[] = [];
  for (const file of found) {
    targets.push({ ...file, ours: await file.output.ours?.(file.path) ?? false });
  }
  return targets;
}

async function refuseInputs(
  outputs: readonly PlannedOutput[],
  targets: readonly Target[],
  inputs: readonly string[],
): Promise<void> {
  const byId = new Map(targets.map((target) => [target.id, target]));
  for (const input of new Set(inputs)) {
    for (const file of await filesOfInput(input)) {
      const whole = byId.get(file.id);
      if (whole) throw clash(whole, file.path);
      if (file.facts.isDirectory && targets.length > 0) await refuseWithin(file.path, byId);
    }
    await refuseFutureInput(outputs, input);
  }
}

/** A file that is there, in a folder that is read as a whole. */
async function refuseWithin(folder: string, byId: ReadonlyMap<string, Target>): Promise<void> {
  for await (const { path, id } of filesBelow(folder)) {
    const target = byId.get(id);
    if (target && !target.ours) throw clash(target, path);
  }
}

/** A picture that a pattern would add to the sequence that it is read from. */
async function refuseFutureInput(
  outputs: readonly PlannedOutput[],
  input: string,
): Promise<void> {
  if (!isSequencePattern(input)) return;
  const place = await spelledOut(input);
  for (const output of outputs) {
    if (await spelledOut(output.path) === place) throw clash({ ...output, output }, input);
  }
}

function clash(
  { path, output }: { readonly path: string; readonly output: PlannedOutput },
  input: string,
): UsageError {
  const named = output.path === path || isSequencePattern(output.path)
    ? `${output.flag} "${output.path}"`
    : `${output.flag} "${output.path}", which comes with "${path}",`;
  return new UsageError(`${named} would overwrite the input "${input}": give another name`);
}

function obstacle({ isDirectory }: Deno.FileInfo): string {
  return isDirectory ? "a folder of that name is in the way" : "it is no regular file";
}

/** `-o "a.png" exists`, or the first and last picture of a sequence, and how many more there are. */
function existing(targets: readonly Target[]): string {
  const [{ output, path }] = targets;
  const same = targets.filter((target) => target.output === output && isNumbered(target));
  if (same.length > 0) {
    const [first, last] = [same[0], same.at(-1)!].map((target) => basename(target.path));
    const names = same.length === 1 ? `${first} exists` : `${first} to ${last} exist`;
    return `${output.flag} "${output.path}": ${names}`;
  }
  const more = targets.length - 1;
  return `${output.flag} "${path}" exists${more === 0 ? "" : `, and ${more} more`}`;
}

function isNumbered({ output, path }: Target): boolean {
  return isSequencePattern(output.path) && !output.beside?.includes(path);
}

/** Refuses, as a wrong value, a folder that is a file. */
async function refuseFileAsFolder({ flag, path }: PlannedOutput): Promise<void> {
  const place = await nearest(dirname(path));
  if (place && !place.facts.isDirectory) {
    throw new UsageError(`${flag}: "${place.path}" is a file, expected a folder`);
  }
}

/** The folder, or the first above it that is there. */
async function nearest(folder: string): Promise<FoundFile | undefined> {
  const found = await findFile(folder);
  return found || dirname(folder) === folder ? found : await nearest(dirname(folder));
}

/** Throws {@linkcode IoError} where no file can be made at `path`; missing folders do not matter. */
export async function checkWritable(path: string): Promise<void> {
  try {
    const place = await nearest(dirname(path));
    const dir = place?.path;
    const probe = await Deno.makeTempFile({ dir, prefix: ".isa4d-", suffix: ".part" });
    await Deno.remove(probe);
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}
