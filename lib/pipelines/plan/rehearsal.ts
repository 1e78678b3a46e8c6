/**
 * A generation on the meta device: the real models and the real sampler on tensors without memory.
 * What they would hold and compute is counted call by call.
 * @module
 */
import { latentWindows, makeScheduler } from "../../diffusion/mod.ts";
import { IsaDit } from "../../models/isa_dit/mod.ts";
import {
  DecoderStream,
  EncoderStream,
  framesToVideo,
  latentFrames,
  tileGrid,
  type TilingChoice,
  videoBytes,
  VideoVae,
} from "../../models/video_vae/mod.ts";
import { Vars } from "../../nn/mod.ts";
import {
  type CallRecord,
  cat,
  type Device,
  dtypeBytes,
  MemoryTrace,
  noGrad,
  rehearse,
  scope,
  type Tensor,
  zeros,
} from "../../tensor/mod.ts";
import type { Job } from "../job/mod.ts";
import { metaConditions } from "../model_facts.ts";
import type { ModelConfigs } from "../model_configs.ts";
import { disposeAll, sampleLatents } from "../sample.ts";
import { windowSize } from "../windowed_conditions.ts";
import { CallTally } from "./call_tally.ts";
import { workspaceOf } from "./workspace.ts";

/** What a generation's cost depends on. */
export interface PlanSize extends
  Pick<
    Job,
    | "width"
    | "height"
    | "frames"
    | "steps"
    | "cfgScale"
    | "cfgInterval"
    | "flowShift"
    | "sampler"
    | "dtype"
  > {
  /** How large pictures pass the VideoVAE. */
  readonly vaeTiling: TilingChoice;
  readonly persons: number;
  /** Whether a background is encoded. */
  readonly background: boolean;
  readonly device: Device;
  /** Frames that are sampled at once and shared by neighbours; default "off". */
  readonly window?: Job["window"];
  readonly overlap?: Job["overlap"];
}

/** Latent frames that the VideoVAE works on at once. */
export interface Chunks {
  readonly encode: number;
  readonly decode: number;
}

/** What `generate` does. */
export const generateChunks: Chunks = { encode: 4, decode: 1 };

/** One stage of a generation. */
export interface StageFacts {
  readonly stage: "encode" | "sample" | "decode";
  /** Bytes of the models that are loaded meanwhile. */
  readonly weights: number;
  /** The most bytes that all else takes at once. */
  readonly working: number;
  /** Floating-point operations, a multiply-add as two. */
  readonly flops: number;
  /** Every kind of call and how often it is made. */
  readonly calls: CallTally;
}

/** What a rehearsal found. */
export interface Rehearsal {
  readonly parameters: { readonly vae: number; readonly dit: number };
  /** Bytes of the models' variables. */
  readonly bytes: { readonly vae: number; readonly dit: number };
  readonly stages: readonly StageFacts[];
}

/** Goes through a whole generation without memory. Errors as the models for sizes that do not divide. */
export async function rehearseJob(
  configs: ModelConfigs,
  size: PlanSize,
  chunks: Chunks = generateChunks,
): Promise<Rehearsal> {
  using vaeVars = Vars.root({ device: "meta" });
  using ditVars = Vars.root({ device: "meta" });
  const vae = new VideoVae(vaeVars, configs.vae);
  const dit = new IsaDit(ditVars, configs.dit);
  const resident = [...vaeVars.named(), ...ditVars.named()].map(([, variable]) => variable);
  const bytes = { vae: bytesOf(vaeVars), dit: bytesOf(ditVars) };
  const setting = { size, resident, chunks };
  // As `generate` does it: both models are loaded at first, and the ISA-DiT goes before decoding.
  const both = bytes.vae + bytes.dit;
  const stages = [
    { ...rehearseEncoding(vae, setting), weights: both },
    { ...await rehearseSampling(dit, setting), weights: both },
    { ...rehearseDecoding(vae, setting), weights: bytes.vae },
  ];
  const parameters = { vae: vaeVars.countParameters(), dit: ditVars.countParameters() };
  return { parameters, bytes, stages };
}

function bytesOf(vars: Vars): number {
  return [...vars.named()].reduce(
    (sum, [, { numel, dtype }]) => sum + numel * dtypeBytes(dtype),
    0,
  );
}

interface Setting {
  readonly size: PlanSize;
  readonly resident: readonly Tensor[];
  readonly chunks: Chunks;
}

type Stage = Omit<StageFacts, "weights">;

function traced(
  { size: { device }, resident }: Setting,
  seen: (call: CallRecord, made: number) => void,
): MemoryTrace {
  const workspace = (call: CallRecord) => workspaceOf(call, device);
  // What is made on the CPU and moved to meta would be one tensor, or lie outside the device.
  return new MemoryTrace({ resident, device: "meta", workspace, onCall: seen });
}

/** Size and number of the pieces in which a picture passes the VideoVAE; all are of one size. */
function tilesOf(
  vae: VideoVae,
  { width, height, vaeTiling }: PlanSize,
): { width: number; height: number; count: number } {
  const grid = tileGrid(vae.config, { width, height }, vaeTiling);
  if (!grid) return { width, height, count: 1 };
  const s = vae.spatialFactor;
  const [row, column] = [grid.rows[0].size * s, grid.columns[0].size * s];
  return { width: column, height: row, count: grid.rows.length * grid.columns.length };
}

function rehearseEncoding(vae: VideoVae, setting: Setting): Stage {
  const { frames, persons, background, device } = setting.size;
  const { width, height, count } = tilesOf(vae, setting.size);
  const one = new CallTally();
  const trace = traced(setting, (call, made) => one.add(call, made));
  const picture = { data: new Uint8Array(3 * width * height), count: 1, width, height, fps: 1 };
  const frame = () => framesToVideo(picture, { device: "meta" });
  // Frames are put together on the CPU, and go to another device as one chunk.
  const chunk = (length: number) =>
    device === "cpu"
      ? cat(Array.from({ length }, frame), 2)
      : zeros([1, 3, length, height, width], { device: "meta" });
  const encode = (length: number) => {
    using stream = new EncoderStream(vae);
    const parts: (Tensor | undefined)[] = [];
    const most = setting.chunks.encode * vae.temporalFactor;
    for (let done = 0; done < length; done += most) {
      parts.push(scope(() => stream.push(chunk(Math.min(most, length - done)))));
    }
    parts.push(stream.finish());
    return cat(parts.filter((part) => part !== undefined), 2);
  };
  rehearse(device, () =>
    trace.run(() =>
      noGrad(() =>
        scope(() => {
          if (background) encode(frames);
          for (let person = 0; person < persons; person++) encode(1);
        })
      )
    ));
  const calls = new CallTally();
  calls.addAll(one, count);
  return { stage: "encode", working: trace.peak, flops: calls.flops, calls };
}

/** Steps that are walked: enough for every sampler to hold all that it remembers. */
const WALKED = 4;

/** Latents of the whole clip that windows are blended into: noise, sample, flow, and a step's own. */
const WHOLE_CLIPS = 6;

async function rehearseSampling(dit: IsaDit, setting: Setting): Promise<Stage> {
  const { size } = setting;
  const { temporalFactor: f, latentChannels } = dit.config;
  const { window = "off", overlap = "auto", frames, width, height } = size;
  const windows = windowSize({ frames, window, overlap }, f);
  if (!windows) return await rehearseWindow(dit, setting);
  const T = latentFrames(frames, f);
  const count = latentWindows(T, windows).length;
  const one = await rehearseWindow(dit, {
    ...setting,
    size: { ...size, frames: f * (windows.length - 1) + 1 },
    encodings: "every evaluation",
  });
  const calls = new CallTally();
  calls.addAll(one.calls, count);
  const clip = latentChannels * T * (width / 8) * (height / 8) * dtypeBytes("float32");
  return { ...one, working: one.working + WHOLE_CLIPS * clip, flops: calls.flops, calls };
}

async function rehearseWindow(
  dit: IsaDit,
  setting: Setting & { readonly encodings?: "every evaluation" },
): Promise<Stage> {
  const { size } = setting;
  const walked = { ...size, steps: Math.min(WALKED, size.steps) };
  // The first evaluation's calls begin with the encoding of the conditions; the others are alike.
  const tallies = timesOf(walked).map(() => new CallTally());
  let evaluation = 0;
  const trace = traced(setting, (call, made) => {
    tallies[Math.min(evaluation, tallies.length - 1)].add(call, made);
  });
  await rehearse(size.device, () =>
    trace.follow(async () => {
      const conditions = metaConditions(dit.config, size, size.persons);
      try {
        using _latents = await sampleLatents(dit, conditions, {
          ...walked,
          cfgInterval: [0, 1],
          seed: 0,
          onStep: () => void evaluation++,
        });
      } finally {
        disposeAll(conditions);
      }
    }));
  const calls = new CallTally();
  const encodings = setting.encodings ? evaluations(size) : 1;
  calls.addAll(tallies[0], encodings);
  calls.addAll(tallies[tallies.length - 1], evaluations(size) - encodings);
  return { stage: "sample", working: trace.peak, flops: calls.flops, calls };
}

function timesOf({ sampler, steps, flowShift }: PlanSize): readonly number[] {
  return makeScheduler(sampler, { steps, shift: flowShift }).timesteps;
}

/** How often the model is asked; one evaluation without guidance is half of one with it. */
function evaluations(size: PlanSize): number {
  const { cfgScale, cfgInterval: [from, to] } = size;
  const shares = timesOf(size).map((t) => cfgScale === 1 || (t >= from && t <= to) ? 1 : 0.5);
  return shares.reduce((sum, share) => sum + share, 0);
}

function rehearseDecoding(vae: VideoVae, setting: Setting): Stage {
  const { chunks, size } = setting;
  const { width, height, count } = tilesOf(vae, size);
  const one = new CallTally();
  const trace = traced(setting, (call, made) => one.add(call, made));
  const T = latentFrames(size.frames, vae.temporalFactor);
  const s = vae.spatialFactor;
  const latents = (frames: number, [w, h] = [width / s, height / s]) =>
    zeros([1, vae.config.latentChannels, frames, h, w], { device: "meta" });
  rehearse(size.device, () =>
    trace.run(() => {
      using _all = latents(T, [size.width / s, size.height / s]);
      using stream = new DecoderStream(vae);
      for (let t = 0; t < T; t += chunks.decode) {
        scope(() => void videoBytes(stream.push(latents(Math.min(chunks.decode, T - t)))));
      }
    }));
  const calls = new CallTally();
  calls.addAll(one, count);
  return { stage: "decode", working: trace.peak, flops: calls.flops, calls };
}
