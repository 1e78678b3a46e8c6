/**
 * Encoding and decoding of a generation on the meta device.
 * @module
 */
import {
  DecoderStream,
  EncoderStream,
  framesToVideo,
  latentFrames,
  overPrior,
  tileGrid,
  tilingRoom,
  videoBytes,
  type VideoVae,
} from "../models/video_vae/mod.ts";
import { decoderSize } from "../pipelines/generation/mod.ts";
import { PACKED_PLANES } from "../prior/mod.ts";
import { cat, noGrad, rehearse, scope, type Tensor, zeros } from "../tensor/mod.ts";
import { CallTally } from "./call_tally.ts";
import { type PlanSize, viewsOf } from "./plan_size.ts";
import { type Setting, type StageCost, traced } from "./trace.ts";

/** Size and number of the pieces in which a picture passes the VideoVAE; all are of one size. */
function tilesOf(
  vae: VideoVae,
  { width, height, vaeTiling, device }: PlanSize,
): { width: number; height: number; count: number } {
  const grid = tileGrid(vae.config, { width, height }, vaeTiling, tilingRoom(device));
  if (!grid) return { width, height, count: 1 };
  const s = vae.spatialFactor;
  const [row, column] = [grid.rows[0].size * s, grid.columns[0].size * s];
  return { width: column, height: row, count: grid.rows.length * grid.columns.length };
}

/** Clips and single pictures that are encoded. */
function picturesOf(
  { persons, background, grid, ...size }: PlanSize,
  pictureMaps: number,
): { readonly clips: number; readonly stills: number } {
  const views = viewsOf({ ...size, grid });
  const films = (background ? 1 : 0) + pictureMaps;
  return {
    clips: views * films + (grid?.givenViews ?? 0),
    stills: persons + (grid?.givenTime ? views : 0),
  };
}

/** References, backgrounds, given views and the maps of the model that have a picture. */
export function rehearseEncoding(
  vae: VideoVae,
  setting: Setting & { readonly pictureMaps: number },
): StageCost {
  const { size, pictureMaps } = setting;
  const { clips, stills } = picturesOf(size, pictureMaps);
  const [clip, still] = [new CallTally(), new CallTally()];
  const { count } = tilesOf(vae, size);
  let tally = still;
  const trace = traced(setting, (call, made) => tally.add(call, made));
  rehearse(size.device, () =>
    trace.run(() =>
      noGrad(() =>
        scope(() => {
          encodePicture(vae, setting, 1);
          tally = clip;
          if (clips === 0) return;
          // All but the last are there when that one is encoded.
          const T = latentFrames(size.frames, vae.temporalFactor);
          latentsOf(vae, { ...size, frames: T, count: clips - 1 });
          encodePicture(vae, setting, size.frames);
        })
      )
    ));
  const calls = new CallTally();
  calls.addAll(still, count * stills);
  calls.addAll(clip, count * clips);
  return { working: trace.peak, flops: calls.flops, calls };
}

function encodePicture(vae: VideoVae, { size, chunks }: Setting, length: number): Tensor {
  const { width, height } = tilesOf(vae, size);
  const picture = { data: new Uint8Array(3 * width * height), count: 1, width, height, fps: 1 };
  const frame = () => framesToVideo(picture, { device: "meta" });
  // Frames are put together on the CPU, and go to another device as one chunk.
  const chunk = (length: number) =>
    size.device === "cpu"
      ? cat(Array.from({ length }, frame), 2)
      : zeros([1, 3, length, height, width], { device: "meta" });
  using stream = new EncoderStream(vae);
  const parts: (Tensor | undefined)[] = [];
  const most = chunks.encode * vae.temporalFactor;
  for (let done = 0; done < length; done += most) {
    parts.push(scope(() => stream.push(chunk(Math.min(most, length - done)))));
  }
  parts.push(stream.finish());
  return cat(parts.filter((part) => part !== undefined), 2);
}

/** So many clips' latents, each of so many latent frames. */
function latentsOf(
  { config: { latentChannels }, spatialFactor: s }: VideoVae,
  { width, height, frames, count }: Pick<PlanSize, "width" | "height" | "frames"> & {
    readonly count: number;
  },
): Tensor {
  return zeros([count, latentChannels, frames, height / s, width / s], { device: "meta" });
}

/** One view after the other, the latents of all of them at hand. */
export function rehearseDecoding(vae: VideoVae, setting: Setting): StageCost {
  const { chunks, size } = setting;
  const { width, height, count } = tilesOf(vae, size);
  const views = viewsOf(size);
  const one = new CallTally();
  const trace = traced(setting, (call, made) => one.add(call, made));
  const T = latentFrames(size.frames, vae.temporalFactor);
  rehearse(size.device, () =>
    trace.run(() => {
      using _all = latentsOf(vae, { ...size, frames: T, count: views });
      using stream = new DecoderStream(vae);
      for (let t = 0; t < T; t += chunks.decode) {
        const frames = Math.min(chunks.decode, T - t);
        scope(() => {
          const latents = latentsOf(vae, { width, height, frames, count: 1 });
          void videoBytes(stream.push(latents));
        });
      }
    }));
  const calls = new CallTally();
  calls.addAll(one, count * views);
  return { working: trace.peak, flops: calls.flops, calls };
}

/**
 * The same over the prior, whose own latent is encoded again and decoded beside the sampled one; at
 * `size`, the frames', every frame is corrected.
 */
export function rehearseOverPrior(
  vae: VideoVae,
  setting: Setting,
  size: { readonly width: number; readonly height: number },
): StageCost {
  const decoding = rehearseDecoding(vae, setting);
  const prior = { ...setting.size, persons: 0, background: true, grid: undefined };
  const encoding = rehearseEncoding(vae, { ...setting, size: prior, pictureMaps: 0 });
  const frame = new CallTally();
  const trace = traced(setting, (call, made) => frame.add(call, made));
  const { width, height } = decoderSize(size);
  rehearse(setting.size.device, () =>
    trace.run(() =>
      noGrad(() =>
        scope(() => {
          const planesOf = (count: number) => zeros([1, count, height, width], { device: "meta" });
          void overPrior(vae, { planes: planesOf(PACKED_PLANES), guess: planesOf(3), t: 0 });
        })
      )
    ));
  const views = viewsOf(setting.size);
  const calls = new CallTally();
  calls.addAll(decoding.calls, 2);
  calls.addAll(encoding.calls, views);
  calls.addAll(frame, views * setting.size.frames);
  const working = decoding.working + encoding.working + trace.peak;
  return { working, flops: calls.flops, calls };
}
