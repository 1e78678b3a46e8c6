/**
 * Whether what was kept belongs to the job at hand.
 * @module
 */
import { InputError } from "../../errors.ts";
import type { Job } from "../job/mod.ts";
import type { GenerationRecord } from "./provenance.ts";

/**
 * Throws {@linkcode InputError} that says how the job that made the file at `path` differs from the
 * one at hand, in settings (but for those in `free`), inputs or weights.
 */
export function requireSameJob(
  path: string,
  { there, here, free }: {
    readonly there: GenerationRecord;
    readonly here: GenerationRecord;
    readonly free: readonly (keyof Job)[];
  },
  advice: string,
): void {
  const found = differences(there, here, free);
  if (found.length === 0) return;
  const shown = [...found.slice(0, 3), ...found.length > 3 ? [`${found.length - 3} more`] : []];
  throw new InputError(`"${path}" belongs to another job: ${shown.join("; ")}; ${advice}`);
}

/** One text for each thing in which two records differ. */
export function differences(
  there: GenerationRecord,
  here: GenerationRecord,
  free: readonly (keyof Job)[],
): string[] {
  const [old, now] = [there, here].map(({ job }) => leaves(without(job, free)));
  const names = [...new Set([...old.keys(), ...now.keys()])].filter((name) =>
    old.get(name) !== now.get(name)
  );
  const settings = names.map((name) =>
    `${name} ${old.get(name) ?? "not given"} there, ${now.get(name) ?? "not given"} here`
  );
  const hashes = new Map([...there.inputs, ...there.weights].map((f) => [f.path, f.sha256]));
  const files = [...here.inputs, ...here.weights]
    .filter(({ path, sha256 }) => hashes.has(path) && hashes.get(path) !== sha256)
    .map(({ path }) => `"${path}" has changed since`);
  return [...settings, ...files];
}

function without(job: Job, names: readonly (keyof Job)[]): Partial<Job> {
  return Object.fromEntries(
    Object.entries(job).filter(([name]) => !names.includes(name as keyof Job)),
  );
}

/** `persons.0.motion` → its value as JSON. */
function leaves(value: unknown, prefix: string = ""): Map<string, string> {
  if (typeof value !== "object" || value === null) {
    return new Map([[prefix, JSON.stringify(value)]]);
  }
  const parts = Object.entries(value).filter(([, part]) => part !== undefined).map(([name, part]) =>
    leaves(part, prefix === "" ? name : `${prefix}.${name}`)
  );
  return new Map(parts.flatMap((part) => [...part]));
}
