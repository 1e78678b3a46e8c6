/**
 * Sample sheets: for each held-out clip a row of the truth above a row of what the model makes.
 * @module
 */
import { join } from "node:path";
import { guide, makeScheduler, type SamplerState } from "../diffusion/mod.ts";
import { frameAt, type Frames, writePng } from "../io/mod.ts";
import { type IsaDit, type IsaDitConditions, withoutSubject } from "../models/isa_dit/mod.ts";
import { videoToFrames, type VideoVae } from "../models/video_vae/mod.ts";
import { withProducts } from "../nn/mod.ts";
import {
  full,
  generator,
  noGrad,
  randn,
  scope,
  type Tensor,
  to,
  unsqueeze,
} from "../tensor/mod.ts";
import type { DitData } from "./dit_data.ts";
import { type MaskedClip, wholeClip } from "./train_vae_data.ts";

/** Which clips are shown, and how they are made. */
export interface SheetOptions {
  /** Clips, spread over the held-out ones. */
  readonly clips: number;
}

/** How clips are sampled for a sheet. */
export interface SamplingOptions extends SheetOptions {
  readonly steps: number;
  /** 1: the conditional branch alone. */
  readonly cfgScale: number;
  readonly flowShift: number;
  /** dtype of the model's products. */
  readonly compute: "float32" | "bfloat16";
}

/** Frames of a row at most. */
const COLUMNS = 6;

/** What a VideoVAE makes of held-out clips. */
export function reconstructionSheet(
  vae: VideoVae,
  clips: readonly MaskedClip[],
  options: SheetOptions,
): Frames {
  const rows = spread(clips.length, options.clips).flatMap((number) =>
    scope(() =>
      noGrad(() => {
        const place = { step: vae.spatialFactor, device: vae.vars.device };
        const { video } = wholeClip(clips[number], place);
        const restored = vae.decode(vae.encode(video), { frames: video.shape[2] });
        return [video, restored].map((x) => rowOf(videoToFrames(x, { fps: 1 })));
      })
    )
  );
  return stackRows(rows);
}

/**
 * What an ISA-DiT makes of held-out clips: in front the reference, then the clip, both as the VideoVAE
 * gives them back. The noise is the same at every call.
 */
export function generationSheet(
  model: IsaDit,
  vae: VideoVae,
  data: DitData,
  options: SamplingOptions,
): Frames {
  const rows = spread(data.clips, options.clips).flatMap((number) =>
    scope(() =>
      noGrad(() => {
        const { latent, conditions } = data.clip(number);
        const made = sampleClip(model, conditions, { ...options, seed: number });
        const reference = picturesOf(vae, unsqueeze(conditions.reference, 2));
        return [latent, made].map((z) => [
          ...rowOf(reference),
          ...rowOf(picturesOf(vae, z)),
        ]);
      })
    )
  );
  return stackRows(rows);
}

/** What decides on which checkpoints have a sheet. */
export interface SheetPlan {
  readonly settings: { readonly checkpointEvery: number; readonly steps: number };
  readonly samples: { readonly clips: number; readonly every: number };
}

/** Whether the checkpoint of `step` has a sheet; the last one always does. */
export function isSheetDue(step: number, { settings, samples }: SheetPlan): boolean {
  if (samples.clips === 0) return false;
  return step === settings.steps || step % (settings.checkpointEvery * samples.every) === 0;
}

/** Writes the sheet of `step` to `samples/` in the run's folder. */
export async function writeSheet(out: string, step: number, sheet: Frames): Promise<void> {
  const folder = join(out, "samples");
  await Deno.mkdir(folder, { recursive: true });
  await writePng(join(folder, `step-${String(step).padStart(7, "0")}.png`), sheet);
}

/** Walks from seeded noise to a clip; runs inside a scope. */
export function sampleClip(
  model: IsaDit,
  conditions: IsaDitConditions,
  { steps, cfgScale, flowShift, compute, seed }: SamplingOptions & { readonly seed: number },
): Tensor {
  const { device, shape } = conditions.background;
  const half = <T>(body: () => T): T => withProducts({ device, dtype: compute }, body);
  using random = generator(seed, "cpu");
  const noise = to(randn([...shape], { generator: random }), { device });
  const branches = half(() =>
    (cfgScale === 1 ? [conditions] : [conditions, withoutSubject(conditions)]).map((given) =>
      model.encode(given)
    )
  );
  const scheduler = makeScheduler("euler", { steps, shift: flowShift });
  let state: SamplerState = { sample: noise, history: [] };
  for (const [index, t] of scheduler.timesteps.entries()) {
    state = scope(() => {
      const time = full([1], t, { device });
      const [flow, free] = branches.map((encoded) =>
        to(half(() => model.forward(state.sample, time, encoded)), { dtype: "float32" })
      );
      const guided = free ? guide(flow, free, cfgScale) : flow;
      return scheduler.step(guided, index, state);
    });
  }
  return state.sample;
}

function picturesOf(vae: VideoVae, latents: Tensor): Frames {
  const frames = 1 + (latents.shape[2] - 1) * vae.temporalFactor;
  return videoToFrames(vae.decode(latents, { frames }), { fps: 1 });
}

/** At most `count` numbers of 0 … all − 1. */
export function spread(all: number, count: number): number[] {
  const shown = Math.min(all, count);
  return Array.from({ length: shown }, (_, i) => Math.floor(i * all / shown));
}

/** An rgb24 picture of a sheet. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

function rowOf(frames: Frames): Picture[] {
  const columns = Math.min(COLUMNS, frames.count);
  return Array.from({ length: columns }, (_, column) => {
    const at = Math.round(column * (frames.count - 1) / Math.max(1, columns - 1));
    return { width: frames.width, height: frames.height, data: frameAt(frames, at) };
  });
}

/** Rows one above the other on white; a gap after the rows of a clip. */
export function stackRows(
  rows: readonly (readonly Picture[])[],
  { perClip }: { readonly perClip: number } = { perClip: 2 },
): Frames {
  const gap = 6;
  const width = Math.max(
    ...rows.map((row) => row.reduce((sum, picture) => sum + picture.width, 0)),
  );
  const tops: number[] = [];
  let height = 0;
  for (const [number, row] of rows.entries()) {
    if (number > 0 && number % perClip === 0) height += gap;
    tops.push(height);
    height += row[0].height;
  }
  const data = new Uint8Array(width * height * 3).fill(255);
  for (const [number, row] of rows.entries()) {
    let x = 0;
    for (const picture of row) {
      for (let y = 0; y < picture.height; y++) {
        const line = picture.data.subarray(y * picture.width * 3, (y + 1) * picture.width * 3);
        data.set(line, ((tops[number] + y) * width + x) * 3);
      }
      x += picture.width;
    }
  }
  return { width, height, count: 1, fps: 1, data };
}
