/**
 * Jobs of a file that get into each other's way.
 * @module
 */
import { recordPath } from "../pipelines/record/mod.ts";
import type { BatchEntry, JobsFile, LineProblem } from "./jobs_file.ts";

/** The id of a line that is wrong for another reason. */
export interface WrongId {
  readonly line: number;
  readonly id: string;
}

function isEntry(line: WrongId | BatchEntry): line is BatchEntry {
  return "job" in line;
}

/** Jobs of one id, or that would write one file, are all wrong but the first. */
export function withoutClashes(
  { entries, problems, wrong }: JobsFile,
  wrongIds: readonly WrongId[],
): JobsFile {
  const ids = new Map<string, WrongId | BatchEntry>();
  const files = new Map<string, BatchEntry>();
  const clashes: LineProblem[] = [];
  const good: BatchEntry[] = [];
  for (const entry of [...entries, ...wrongIds].sort((a, b) => a.line - b.line)) {
    const { id, line } = entry;
    const twin = ids.get(id);
    if (!twin) ids.set(id, entry);
    const outputs = isEntry(entry) ? [entry.output, recordPath(entry.output)] : [];
    const other = outputs.map((path) => files.get(path)).find((found) => found);
    if (twin || other) clashes.push({ line, message: clash(entry, twin, other) });
    if (!isEntry(entry)) continue;
    if (twin || other) {
      wrong.push(entry);
      continue;
    }
    good.push(entry);
    for (const path of outputs) files.set(path, entry);
  }
  const all = [...problems, ...clashes].sort((a, b) => a.line - b.line);
  return { entries: good, problems: all, wrong };
}

function clash(
  entry: WrongId | BatchEntry,
  twin?: WrongId | BatchEntry,
  other?: BatchEntry,
): string {
  if (!twin) {
    const { output } = entry as BatchEntry;
    return `output: "${output}" is line ${other!.line}'s too: put {id} into the name`;
  }
  return isEntry(entry) && isEntry(twin) && twin.hash === entry.hash
    ? `the job is that of line ${twin.line}: leave it out, or give each an id`
    : `id: "${entry.id}" is line ${twin.line}'s too: give it another`;
}
