/**
 * What a generation will cost, before a weight is loaded.
 * @module
 */
import { type DType, isHere } from "../tensor/mod.ts";
import type { ModelConfigs } from "../pipelines/weights/mod.ts";
import { type Advice, adviseOn, peakOf } from "./advice.ts";
import { CallTally } from "./call_tally.ts";
import { calibrate, secondsFor } from "./calibration.ts";
import { freeMemory, processMemory } from "./device_memory.ts";
import type { PlanSize } from "./plan_size.ts";
import { type Rehearsal, rehearseJob, type StageFacts } from "./rehearsal.ts";

/** How a plan is made. */
export interface PlanOptions {
  /** Bytes that may be used; default what is free on the device. */
  readonly memory?: number;
  /** Whether the device is timed. Default true. */
  readonly calibrate?: boolean;
}

/** The cost of one stage. */
export interface PlannedStage {
  readonly stage: StageFacts["stage"];
  /** Bytes of the loaded models. */
  readonly weights: number;
  /** The most bytes that all else takes at once. */
  readonly working: number;
  readonly flops: number;
  /** Absent where nothing was timed. */
  readonly seconds?: number;
  /** The same where the block cache always serves: how often it does depends on the pictures. */
  readonly least?: { readonly flops: number; readonly seconds?: number };
}

/** A generation's cost. */
export interface Plan {
  readonly size: PlanSize;
  readonly models: readonly {
    readonly model: "video_vae" | "isa_dit";
    readonly parameters: number;
    readonly bytes: number;
  }[];
  readonly stages: readonly PlannedStage[];
  /** Bytes that the largest stage takes, the process itself included. */
  readonly peak: number;
  /** Bytes that may be used; absent where nobody can tell. */
  readonly memory?: number;
  /** Whether the peak fits into it. */
  readonly fits?: boolean;
  /** What would lower the peak, where it does not fit; each with the peak that it leads to. */
  readonly advice: readonly Advice[];
  /** Seconds of all stages, at the most. */
  readonly seconds?: number;
  /** Seconds at the least, where a block cache may serve. */
  readonly secondsLeast?: number;
  /** Seconds that the timing took. */
  readonly calibrationSeconds?: number;
}

/** Share of the memory that stays free: allocators round up and leave gaps. */
const RESERVE = 0.05;

/** Counts memory and operations on the meta device; times the device's operators unless told not to. */
export async function planJob(
  configs: ModelConfigs,
  size: PlanSize,
  options: PlanOptions = {},
): Promise<Plan> {
  const memory = options.memory ?? freeMemory(size.device);
  const rehearsal = await rehearseJob(configs, size);
  const extra = processMemory(size.device);
  const peak = peakOf(rehearsal) + extra;
  const room = memory === undefined ? undefined : memory * (1 - RESERVE);
  const fits = room === undefined ? undefined : peak <= room;
  const started = performance.now();
  const timed = options.calibrate !== false && isHere(size.device);
  const times = timed ? stageSeconds(rehearsal, { ...size, vae: configs.vae }) : undefined;
  const calibrationSeconds = (performance.now() - started) / 1000;
  const { parameters, bytes } = rehearsal;
  return {
    size,
    models: [
      { model: "video_vae", parameters: parameters.vae, bytes: bytes.vae },
      { model: "isa_dit", parameters: parameters.dit, bytes: bytes.dit },
    ],
    stages: rehearsal.stages.map((stage, i) => planned(stage, times?.[i])),
    peak,
    ...(memory === undefined ? {} : { memory, fits }),
    advice: fits === false && room !== undefined
      ? await adviseOn({
        ...{ configs, size, rehearsal, room, extra },
        rehearse: (changed) => rehearseJob(configs, changed),
      })
      : [],
    ...(times ? { ...together(times), calibrationSeconds } : {}),
  };
}

/** A stage's seconds, at the most and, where that is less, at the least. */
interface StageSeconds {
  readonly most: number;
  readonly least?: number;
}

function planned(
  { stage, weights, working, flops, least }: StageFacts,
  seconds?: StageSeconds,
): PlannedStage {
  return {
    ...{ stage, weights, working, flops },
    ...(seconds ? { seconds: seconds.most } : {}),
    ...(least
      ? {
        least: {
          flops: least.flops,
          ...(seconds?.least === undefined ? {} : { seconds: seconds.least }),
        },
      }
      : {}),
  };
}

function together(times: readonly StageSeconds[]): Pick<Plan, "seconds" | "secondsLeast"> {
  const seconds = times.reduce((sum, { most }) => sum + most, 0);
  if (times.every(({ least }) => least === undefined)) return { seconds };
  return {
    seconds,
    secondsLeast: times.reduce((sum, { most, least }) => sum + (least ?? most), 0),
  };
}

/** Seconds of each stage: models work in the job's type, but a VideoVAE without nets in float32. */
function stageSeconds(
  { stages }: Rehearsal,
  { device, dtype, vae }: PlanSize & Pick<ModelConfigs, "vae">,
): StageSeconds[] {
  const nets = vae.encoderResidual || vae.decoderResidual;
  const dtypeOf = ({ stage }: StageFacts): DType => stage === "sample" || nets ? dtype : "float32";
  const dtypes = [...new Set(stages.map(dtypeOf))];
  const speeds = new Map(dtypes.map((dtype) => {
    const all = new CallTally();
    for (const stage of stages) if (dtypeOf(stage) === dtype) all.addAll(stage.calls, 1);
    return [dtype, calibrate(all, { device, dtype, seconds: 2 / dtypes.length })];
  }));
  return stages.map((stage) => {
    const seconds = (calls: CallTally) => secondsFor(calls, speeds.get(dtypeOf(stage))!);
    const { calls, least } = stage;
    return { most: seconds(calls), ...(least ? { least: seconds(least) } : {}) };
  });
}
