/**
 * What a grid was made from, and whether a saved walk belongs to it.
 * @module
 */
import { dirname } from "node:path";
import { z } from "zod";
import type { SavedState } from "../../diffusion/mod.ts";
import { InputError } from "../../errors.ts";
import { exists, readSafetensors } from "../../io/mod.ts";
import type { Device } from "../../tensor/mod.ts";
import { describeIssues } from "../job/mod.ts";
import {
  carrierFolder,
  foundPaths,
  fullPaths,
  hashAll,
  makeRecord,
  portablePaths,
  readRaw,
  recordSchema,
  refuseOtherKind,
  savedState,
  withDtype,
} from "../record/mod.ts";
import { gridInputFiles, type GridJob, gridSchema, mapGridPaths } from "./grid_job.ts";

const gridRecordSchema = recordSchema.omit({ job: true }).extend({
  format: z.literal("isa4d-grid"),
  grid: gridSchema,
});

/** Everything that made a grid. */
export type GridRecord = z.infer<typeof gridRecordSchema>;

/** Joins a grid to the hashes of what it reads. */
export async function makeGridRecord(
  grid: GridJob,
  weights: readonly string[],
): Promise<GridRecord> {
  const { version, versions, weights: hashed } = await makeRecord(
    { ...grid.job, camera: "static" },
    weights,
  );
  const inputs = await hashAll(await gridInputFiles(grid));
  const settled = { ...grid, job: withDtype(grid.job) };
  return { format: "isa4d-grid", version, grid: settled, inputs, weights: hashed, versions };
}

function mapOwn(record: GridRecord, map: (path: string) => string): GridRecord {
  return { ...record, grid: mapGridPaths(record.grid, map) };
}

/** The record as the file `carrier` stores it: paths start at its folder. */
export function portableGrid(record: GridRecord, carrier: string): GridRecord {
  return portablePaths(record, { mapOwn, carrier });
}

/** Reads a grid's record as `readRecord` does a generation's; errors alike. */
export async function readGridRecord(path: string): Promise<GridRecord> {
  const value = await readRaw(path);
  refuseOtherKind(value, { path, wanted: "isa4d-grid" });
  const parsed = gridRecordSchema.safeParse(value);
  if (parsed.success) {
    const folder = await carrierFolder(path);
    const record = fullPaths(parsed.data, { mapOwn, folder });
    return await foundPaths(record, { mapOwn, folder, weights: record.grid.job.weights });
  }
  throw new InputError(`"${path}" carries no record of a grid: ${describeIssues(parsed.error)}`);
}

/** Whether what made the file was a grid; errors as {@linkcode readGridRecord} where nothing says. */
export async function isGridRecord(path: string): Promise<boolean> {
  return gridRecordSchema.pick({ format: true }).loose().safeParse(await readRaw(path)).success;
}

/**
 * The walk that an earlier run of the same grid left; undefined where it left none. The caller frees it.
 *
 * @throws InputError for a file of another kind or of another grid
 */
export async function recoverGrid(
  path: string,
  { record, device }: { readonly record: GridRecord; readonly device: Device },
): Promise<SavedState | undefined> {
  if (!await exists(path)) return undefined;
  const stored = await readSafetensors(path);
  const { kind, record: text } = stored.metadata;
  if (kind !== "sampling" || !text) {
    throw new InputError(`"${path}" holds no state of a grid; move it away to start over`);
  }
  const there = gridRecordSchema.safeParse(JSON.parse(text)).data;
  if (!there || essence(fullPaths(there, { mapOwn, folder: dirname(path) })) !== essence(record)) {
    throw new InputError(
      `"${path}" belongs to another grid: settings, inputs or weights differ; leave out --resume to start over`,
    );
  }
  return savedState(path, stored, device);
}

/** What a walk depends on, as text: all but where its result goes. */
function essence({ grid, inputs, weights }: GridRecord): string {
  const { output: _output, ...job } = grid.job;
  const hashes = [...inputs, ...weights].map(({ sha256 }) => sha256);
  return JSON.stringify([sorted({ ...grid, job }), hashes]);
}

/** The same value with the fields of its records in alphabetical order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(
    fields.sort(([a], [b]) => a < b ? -1 : 1).map(([k, v]) => [k, sorted(v)]),
  );
}
