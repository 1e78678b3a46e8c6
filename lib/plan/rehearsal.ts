/**
 * A generation on the meta device: the real models and the real sampler on tensors without memory.
 * What they would hold and compute is counted call by call.
 * @module
 */
import { IsaDit, mapsOf } from "../models/isa_dit/mod.ts";
import { VideoVae } from "../models/video_vae/mod.ts";
import { Vars } from "../nn/mod.ts";
import { dtypeBytes } from "../tensor/mod.ts";
import { filledSize } from "../pipelines/codec/mod.ts";
import { type ModelConfigs, readsPrior, samplingSize } from "../pipelines/weights/mod.ts";
import { type Chunks, generateChunks, type PlanSize } from "./plan_size.ts";
import { rehearseSampling } from "./rehearse_sampling.ts";
import { rehearseDecoding, rehearseEncoding, rehearseOverPrior } from "./rehearse_vae.ts";
import type { StageCost } from "./trace.ts";

/** One stage of a generation. */
export interface StageFacts extends StageCost {
  readonly stage: "encode" | "sample" | "decode";
  /** Bytes of the models that are loaded meanwhile. */
  readonly weights: number;
}

/** What a rehearsal found. */
export interface Rehearsal {
  readonly parameters: { readonly vae: number; readonly dit: number };
  /** Bytes of the models' variables. */
  readonly bytes: { readonly vae: number; readonly dit: number };
  readonly stages: readonly StageFacts[];
}

/** Goes through a whole generation without memory. */
export async function rehearseJob(
  configs: ModelConfigs,
  asked: PlanSize,
  chunks: Chunks = generateChunks,
): Promise<Rehearsal> {
  const { dtype: products } = asked;
  using vaeVars = Vars.root({ device: "meta", products });
  using ditVars = Vars.root({ device: "meta", products });
  const vae = new VideoVae(vaeVars, configs.vae);
  const dit = new IsaDit(ditVars, configs.dit);
  const around = readsPrior(configs.dit);
  const working = around && !asked.grid ? samplingSize(configs.dit, asked) : asked;
  const size = { ...asked, ...filledSize({ vae, dit }, working) };
  const resident = [...vaeVars.named(), ...ditVars.named()].map(([, variable]) => variable);
  const bytes = { vae: bytesOf(vaeVars), dit: bytesOf(ditVars) };
  const setting = {
    size,
    resident,
    chunks,
    pictureMaps: mapsOf(configs.dit).filter(({ picture }) => picture).length,
  };
  // As `generate` does it: both models are loaded at first, and the ISA-DiT goes before decoding.
  const both = bytes.vae + bytes.dit;
  const stages: StageFacts[] = [
    { stage: "encode", ...rehearseEncoding(vae, setting), weights: both },
    { stage: "sample", ...await rehearseSampling(dit, setting), weights: both },
    {
      stage: "decode",
      ...around ? rehearseOverPrior(vae, setting, asked) : rehearseDecoding(vae, setting),
      weights: bytes.vae,
    },
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
