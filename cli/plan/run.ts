/**
 * What `isa4d plan` does once its flags are read.
 * @module
 */
import type { Job } from "../../lib/pipelines/job/mod.ts";
import {
  parseMemory,
  type Plan,
  planJob,
  type PlanSize,
  presetConfigs,
  readModelConfigs,
} from "../../lib/pipelines/mod.ts";
import type { Device } from "../../lib/tensor/mod.ts";
import type { Context } from "../support/context.ts";
import { type JobFlags, requestedJob } from "../support/job_flags.ts";

/** All flags of `isa4d plan`. */
export interface PlanFlags extends JobFlags {
  readonly preset?: string;
  readonly memory?: string;
  /** Commander gives true where `--no-calibrate` is absent. */
  readonly calibrate: boolean;
}

/** Plans the flags' job, prints its record, shows its table. */
export async function runPlan(flags: PlanFlags, context: Context): Promise<void> {
  const memory = flags.memory === undefined ? undefined : parseMemory(flags.memory);
  const { job } = await requestedJob(completed(flags), context.path);
  const configs = flags.preset === undefined
    ? await readModelConfigs(job.weights)
    : presetConfigs(flags.preset);
  const plan = await planJob(configs, sizeOf(job), { memory, calibrate: flags.calibrate });
  for (const line of table(plan)) context.notice(line);
  const model = flags.preset === undefined ? { weights: job.weights } : { preset: flags.preset };
  await context.print(JSON.stringify({ format: "isa4d-plan", version: 1, ...model, ...plan }));
}

/** A plan needs no inputs: whoever names none means a person who walks, with a background. */
function completed(flags: PlanFlags): JobFlags {
  const given = flags.job !== undefined || flags.from !== undefined;
  return {
    ...flags,
    output: "-",
    ...(given ? {} : {
      refImage: flags.refImage ?? ["-"],
      motion: flags.motion ?? ["builtin:walk"],
      background: flags.background ?? "#808080",
    }),
  };
}

function sizeOf(job: Job): PlanSize {
  const device = job.device as Device;
  return {
    ...pick(job),
    persons: job.persons.length,
    background: job.background !== "none",
    device,
  };
}

function pick(
  {
    width,
    height,
    frames,
    steps,
    cfgScale,
    cfgInterval,
    flowShift,
    sampler,
    window,
    overlap,
    vaeTiling,
    dtype,
  }: Job,
) {
  const time = { steps, cfgScale, cfgInterval, flowShift, sampler };
  return { width, height, frames, window, overlap, ...time, vaeTiling, dtype };
}

/** Lines for people. */
function table(plan: Plan): string[] {
  const { size, stages, peak, memory, fits, advice, seconds } = plan;
  const names = { video_vae: "VideoVAE", isa_dit: "ISA-DiT" };
  const rows = stages.map(({ stage, weights, working, flops, seconds }) => [
    stage,
    bytes(weights),
    bytes(working),
    bytes(weights + working),
    `${count(flops)}FLOP`,
    seconds === undefined ? "" : duration(seconds),
  ]);
  const lines = aligned([
    ["stage", "weights", "working", "together", "operations", seconds === undefined ? "" : "time"],
    ...rows,
  ]);
  const device = `${size.device}, ${size.dtype}`;
  return [
    `${size.width}×${size.height}, ${size.frames} frames, ${size.steps} steps of ${size.sampler}, ${device}`,
    ...plan.models.map(({ model, parameters, bytes: size }) =>
      `${names[model]}: ${count(parameters)}parameters, ${bytes(size)}`
    ),
    ...lines,
    ...(seconds === undefined ? [] : [
      `all of it takes about ${duration(seconds)} where nothing else runs (timed in ${
        plan.calibrationSeconds?.toFixed(1)
      } s)`,
    ]),
    verdict({ peak, memory, fits, device: size.device }),
    ...(fits === false ? advised(advice) : []),
  ];
}

function verdict(
  { peak, memory, fits, device }: Pick<Plan, "peak" | "memory" | "fits"> & {
    readonly device: string;
  },
): string {
  const need = `the process needs ${bytes(peak)} at its peak`;
  if (memory === undefined) {
    return `${need}; how much ${device} has is unknown here: give --memory`;
  }
  return fits
    ? `${need}: it fits into ${bytes(memory)}`
    : `${need}: it does not fit into ${bytes(memory)}`;
}

function advised(advice: Plan["advice"]): string[] {
  if (advice.length === 0) return ["nothing about the job helps: the models alone are too large"];
  const rows = advice.map(({ flags, peak, fits, change }) => [
    `  ${flags}`,
    bytes(peak),
    fits ? "fits" : "too much",
    change,
  ]);
  return ["what would lower it:", ...aligned(rows)];
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
