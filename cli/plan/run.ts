/**
 * What `isa4d plan` does once its flags are read.
 * @module
 */
import { type Job, photoPose } from "../../lib/pipelines/job/mod.ts";
import { parseMemory, type Plan, planJob, type PlanSize } from "../../lib/plan/mod.ts";
import { dtypeOf, presetConfigs, readModelConfigs } from "../../lib/pipelines/mod.ts";
import { fastestDtype } from "../../lib/nn/mod.ts";
import type { Device } from "../../lib/tensor/mod.ts";
import { type GridJob, isGridRecord } from "../../lib/pipelines/grid/mod.ts";
import type { Context } from "../support/context.ts";
import { type GridFlags, requestedGrid } from "../support/grid_flags.ts";
import { requestedJob } from "../support/job_flags.ts";

/** All flags of `isa4d plan`. */
export interface PlanFlags extends GridFlags {
  readonly preset?: string;
  readonly memory?: string;
  /** Commander gives true where `--no-calibrate` is absent. */
  readonly calibrate: boolean;
  readonly json?: true;
}

/** Plans the flags' job and prints the plan, as a table or as a record. */
export async function runPlan(flags: PlanFlags, context: Context): Promise<void> {
  const memory = flags.memory === undefined ? undefined : parseMemory(flags.memory);
  const { job, grid } = await requested(completed(flags), context.path);
  const configs = flags.preset === undefined
    ? await readModelConfigs(job.weights)
    : presetConfigs(flags.preset);
  const plan = await planJob(configs, sizeOf(job, grid), { memory, calibrate: flags.calibrate });
  const why = job.dtype === "auto" ? fastestDtype(job.device as Device).why : undefined;
  if (!flags.json) {
    for (const line of table(plan, why)) await context.print(line);
    return;
  }
  const model = flags.preset === undefined ? { weights: job.weights } : { preset: flags.preset };
  const chosen = why === undefined ? {} : { dtypeBecause: why };
  const record = { format: "isa4d-plan", version: 1, ...model, ...plan, ...chosen };
  await context.print(JSON.stringify(record));
}

/** The job, and the grid that it is part of. */
async function requested(
  flags: GridFlags,
  resolve: Context["path"],
): Promise<{ readonly job: Job; readonly grid?: GridJob }> {
  const own = ["views", "viewCameras", "viewBackground", "givenView", "givenTime"] as const;
  const asGrid = own.some((flag) => flags[flag] !== undefined) ||
    (flags.from !== undefined && await isGridRecord(resolve(flags.from)));
  if (!asGrid) return { job: (await requestedJob(flags, resolve)).job };
  const { grid } = await requestedGrid(flags, resolve);
  return { job: grid.job, grid };
}

/** A plan needs no inputs: whoever names none means a person who walks, with a background. */
function completed(flags: GridFlags): GridFlags {
  const given = flags.job !== undefined || flags.from !== undefined;
  return {
    ...flags,
    output: "-",
    ...(given ? {} : {
      weights: flags.weights ?? "small",
      refImage: flags.refImage ?? ["-"],
      motion: flags.motion ?? ["builtin:walk"],
      background: flags.background ?? "#808080",
    }),
  };
}

function sizeOf(job: Job, grid?: GridJob): PlanSize {
  return {
    ...pick(job),
    persons: job.persons.length,
    background: job.background !== "none" &&
      (job.background !== "auto" || photoPose(job.reference.pose) !== undefined),
    dtype: dtypeOf(job),
    device: job.device as Device,
    ...(grid
      ? {
        grid: {
          views: grid.views,
          givenViews: grid.givenViews.length,
          givenTime: grid.givenTime !== undefined,
        },
      }
      : {}),
  };
}

/** Fields that a job and its plan have in common. */
const shared = [
  "width",
  "height",
  "frames",
  "steps",
  "cfgScale",
  "cfgInterval",
  "cfgEvery",
  "blockCache",
  "flowShift",
  "sampler",
  "window",
  "overlap",
  "vaeTiling",
] as const;

function pick(job: Job): Pick<Job, (typeof shared)[number]> {
  return Object.fromEntries(shared.map((key) => [key, job[key]])) as ReturnType<typeof pick>;
}

/** Lines for people; `why` the number type was chosen, where the job left it open. */
function table(plan: Plan, why?: string): string[] {
  const { size, stages, peak, memory, fits, advice, seconds, secondsLeast } = plan;
  const names = { video_vae: "VideoVAE", isa_dit: "ISA-DiT" };
  const rows = stages.map(({ stage, weights, working, flops, seconds, least }) => [
    stage,
    bytes(weights),
    bytes(working),
    bytes(weights + working),
    `${least ? `${count(least.flops)}to ` : ""}${count(flops)}FLOP`,
    seconds === undefined ? "" : durations(seconds, least?.seconds),
  ]);
  const lines = aligned([
    ["stage", "weights", "working", "together", "operations", seconds === undefined ? "" : "time"],
    ...rows,
  ]);
  const device = `${size.device}, ${size.dtype}`;
  return [
    `${size.width}×${size.height}, ${
      viewsIn(size)
    }${size.frames} frames, ${size.steps} steps of ${size.sampler}, ${device}`,
    ...(why === undefined ? [] : [`${size.dtype} is the faster type here: ${why}`]),
    ...plan.models.map(({ model, parameters, bytes: size }) =>
      `${names[model]}: ${count(parameters)}parameters, ${bytes(size)}`
    ),
    ...lines,
    ...(seconds === undefined ? [] : [
      `the whole job takes about ${
        durations(seconds, secondsLeast)
      } where nothing else runs (timed in ${plan.calibrationSeconds?.toFixed(1)} s)`,
    ]),
    verdict({ peak, memory, fits, device: size.device }),
    ...(fits === false ? advised(advice) : []),
  ];
}

function viewsIn({ grid }: PlanSize): string {
  return grid ? `${grid.views} ${grid.views === 1 ? "view" : "views"} of ` : "";
}

function verdict(
  { peak, memory, fits, device }: Pick<Plan, "peak" | "memory" | "fits"> & {
    readonly device: string;
  },
): string {
  const need = `the process needs ${bytes(peak)} at its peak`;
  if (memory === undefined) {
    return `${need}; the memory of ${device} is unknown: give --memory`;
  }
  return fits
    ? `${need}: it fits into ${bytes(memory)}`
    : `${need}: it does not fit into ${bytes(memory)}`;
}

function advised(advice: Plan["advice"]): string[] {
  if (advice.length === 0) {
    return ["no change to the job would help: the models alone are too large"];
  }
  const rows = advice.map(({ flags, peak, fits, change }) => [
    `  ${flags}`,
    bytes(peak),
    fits ? "fits" : "too much",
    change,
  ]);
  return ["ways to lower it:", ...aligned(rows)];
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd());
}

function bytes(value: number): string {
  const gibibytes = value / 2 ** 30;
  return gibibytes >= 1 ? `${gibibytes.toFixed(2)} GB` : `${(value / 2 ** 20).toFixed(0)} MB`;
}

/** Three digits, then a space and K, M, G, T, P or E. */
function count(value: number): string {
  const units = ["", "K", "M", "G", "T", "P", "E"];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${Number((value / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

function duration(seconds: number): string {
  if (seconds < 1) return `${(seconds * 1000).toFixed(0)} ms`;
  if (seconds < 90) return `${seconds.toFixed(1)} s`;
  if (seconds < 5400) return `${(seconds / 60).toFixed(1)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function durations(most: number, least: number = most): string {
  return least === most ? duration(most) : `${duration(least)} to ${duration(most)}`;
}
