// F frames of a training clip, S side of its crop

/**
 * Training clips for the VideoVAE: crops that pan and change speed (ISA4D section 3, "random
 * structured motion" and "dynamic speed"), from clips held in memory.
 * @module
 */
import { InputError } from "../errors.ts";
import { Random } from "../geometry/mod.ts";
import type { Frames } from "../io/mod.ts";
import { cat, type Device, scope, tensor } from "../tensor/mod.ts";
import type { BatchPart } from "./distributed/mod.ts";
import { sampleSeed } from "./settings.ts";
import type { VaeTrainConfig } from "./train_vae_config.ts";
import type { VaeBatch } from "./vae_losses.ts";

/** A clip and where its person is. */
export interface MaskedClip {
  /** The pictures. */
  readonly frames: Frames;
  /** One byte a pixel, [F, H, W], above 0 on the person. */
  readonly mask: Uint8Array;
}

/** Where each frame of a training clip is cut from. */
interface Cut {
  readonly frame: number;
  readonly y: number;
  readonly x: number;
}

/** `part` of the micro-batch of random crops that `seed` makes. Runs inside a scope. */
export function drawVaeBatch(
  clips: readonly MaskedClip[],
  config: VaeTrainConfig,
  { seed, part, device }: {
    readonly seed: number;
    readonly part: BatchPart;
    readonly device: Device;
  },
): VaeBatch {
  const parts = Array.from({ length: part.count }, (_, i) => {
    const random = new Random(sampleSeed(seed, part.first + i));
    const clip = random.pick(clips);
    return cutClip(clip, planCuts(clip, config, random), {
      size: config.size,
      mirrored: random.float() < 0.5,
      device,
    });
  });
  return {
    video: cat(parts.map(({ video }) => video), 0),
    mask: cat(parts.map(({ mask }) => mask), 0),
  };
}

/** A whole clip: 4n + 1 of its frames, its sides cut down to multiples of `step`. */
export function wholeClip(
  clip: MaskedClip,
  { step, device = "cpu" }: { readonly step: number; readonly device?: Device },
): VaeBatch {
  const { width, height, count } = clip.frames;
  const frames = 1 + 4 * Math.floor((count - 1) / 4);
  const cuts = Array.from({ length: frames }, (_, frame) => ({ frame, y: 0, x: 0 }));
  const [H, W] = [height, width].map((side) => Math.floor(side / step) * step);
  return cutClip(clip, cuts, { size: [H, W], mirrored: false, device });
}

function planCuts({ frames }: MaskedClip, config: VaeTrainConfig, random: Random): Cut[] {
  const { size, frames: F, augment } = config;
  const [roomY, roomX] = [frames.height - size, frames.width - size];
  if (roomY < 0 || roomX < 0) {
    throw new InputError(
      `clips of ${frames.width}×${frames.height} are smaller than the training size ${size}`,
    );
  }
  const moving = random.float() < augment.share;
  const speed = moving ? random.range(0.5, augment.speed) : 1;
  const span = (F - 1) * speed;
  const start = Math.max(0, random.range(0, Math.max(0, frames.count - 1 - span) + 1) | 0);
  const pan = moving ? augment.pan : 0;
  let [y, x] = [random.range(0, roomY), random.range(0, roomX)];
  let [vy, vx] = [0, 0];
  return Array.from({ length: F }, (_, i) => {
    // Velocity is piecewise constant: it changes every fourth frame or so.
    if (i === 0 || random.float() < 0.25) {
      [vy, vx] = [random.range(-pan, pan), random.range(-pan, pan)];
    }
    if (i > 0) [y, x] = [clampTo(y + vy, roomY), clampTo(x + vx, roomX)];
    const frame = Math.min(frames.count - 1, start + Math.round(i * speed));
    return { frame, y: Math.round(y), x: Math.round(x) };
  });
}

function clampTo(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}

/** Video [1,3,F,H,W] in −1..1 and mask [1,1,F,H,W] of the cuts. */
function cutClip(
  { frames, mask }: MaskedClip,
  cuts: readonly Cut[],
  { size, mirrored, device }: {
    readonly size: number | readonly [number, number];
    readonly mirrored: boolean;
    readonly device: Device;
  },
): VaeBatch {
  const [H, W] = typeof size === "number" ? [size, size] : size;
  const F = cuts.length;
  const plane = F * H * W;
  const video = new Float32Array(3 * plane);
  const cover = new Float32Array(plane);
  cuts.forEach(({ frame, y, x }, f) => {
    for (let row = 0; row < H; row++) {
      const from = (frame * frames.height + y + row) * frames.width + x;
      const at = (f * H + row) * W;
      for (let column = 0; column < W; column++) {
        const source = from + (mirrored ? W - 1 - column : column);
        cover[at + column] = mask[source] > 0 ? 1 : 0;
        for (let colour = 0; colour < 3; colour++) {
          video[colour * plane + at + column] = frames.data[source * 3 + colour] / 127.5 - 1;
        }
      }
    }
  });
  return scope(() => ({
    video: tensor(video, { shape: [1, 3, F, H, W], device }),
    mask: tensor(cover, { shape: [1, 1, F, H, W], device }),
  }));
}
