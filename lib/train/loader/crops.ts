// F frames of a training clip, S side of its crop

/**
 * Training clips for the VideoVAE: crops that pan and change speed (ISA4D section 4, "random
 * structured motion" and "dynamic speed"), and crops of single pictures. Plain bytes, no tensors: they
 * are cut in workers.
 * @module
 */
import { ConfigError, InputError } from "../../errors.ts";
import { Random } from "../../geometry/mod.ts";
import type { BatchPart } from "../distributed/mod.ts";
import { sampleSeed } from "../settings.ts";
import type { ClipFacts, ClipSource, MaskedClip } from "./clip_sources.ts";

/** The part of a VideoVAE's training configuration that decides on crops. */
export interface CropConfig {
  readonly size: number;
  readonly frames: number;
  readonly augment: { readonly pan: number; readonly speed: number; readonly share: number };
}

/** A micro-batch to cut: what comes of it depends on this and the sources alone. */
export interface CropOrder {
  readonly seed: number;
  /** Clips, or single pictures. */
  readonly kind: "video" | "image";
  readonly part: BatchPart;
}

/** A micro-batch as bytes. */
export interface CropBatch {
  /** rgb24, [B, F, S, S, 3]. */
  readonly video: Uint8Array<ArrayBuffer>;
  /** 1 on the person, [B, F, S, S]. */
  readonly mask: Uint8Array<ArrayBuffer>;
  readonly shape: readonly [B: number, F: number, H: number, W: number];
}

/** Where each frame of a training clip is cut from. */
export interface Cut {
  readonly frame: number;
  readonly y: number;
  readonly x: number;
}

/** Cuts `order.part` of a micro-batch. */
export async function drawCrops(
  sources: readonly ClipSource[],
  config: CropConfig,
  { seed, kind, part }: CropOrder,
): Promise<CropBatch> {
  const F = kind === "image" ? 1 : config.frames;
  const { size: S } = config;
  const shape = [part.count, F, S, S] as const;
  const pixels = F * S * S;
  const video = new Uint8Array(part.count * pixels * 3);
  const mask = new Uint8Array(part.count * pixels);
  for (let i = 0; i < part.count; i++) {
    const random = new Random(sampleSeed(seed, part.first + i));
    const { source, clip } = pickClip(sources, kind, random);
    const plan = kind === "image" ? planPicture : planCuts;
    const cuts = plan(source.clips[clip], config, random);
    const mirrored = random.float() < 0.5;
    const first = Math.min(...cuts.map(({ frame }) => frame));
    const last = Math.max(...cuts.map(({ frame }) => frame));
    const window = await source.read(clip, first, last - first + 1);
    cutClip(window, cuts.map((cut) => ({ ...cut, frame: cut.frame - first })), {
      size: [S, S],
      mirrored,
    }, {
      video: video.subarray(i * pixels * 3, (i + 1) * pixels * 3),
      mask: mask.subarray(i * pixels, (i + 1) * pixels),
    });
  }
  return { video, mask, shape };
}

/** Draws a source by the shares, then one of its clips. */
function pickClip(
  sources: readonly ClipSource[],
  kind: CropOrder["kind"],
  random: Random,
): { readonly source: ClipSource; readonly clip: number } {
  const usable = sources.map((source) => ({ source, clips: clipsFor(source, kind) }))
    .filter(({ clips }) => clips.length > 0);
  if (usable.length === 0) throw new ConfigError(`no clips to draw ${kind}s from`);
  // A stream of its own: with one source nothing is drawn here.
  let rest = random.fork("source").float() *
    usable.reduce((sum, { source }) => sum + source.share, 0);
  const { source, clips } = usable.find(({ source }) => (rest -= source.share) < 0) ?? usable[0];
  return { source, clip: random.pick(clips) };
}

const numbers = new WeakMap<ClipSource, Record<CropOrder["kind"], readonly number[]>>();

/** Clips by number: videos are drawn from those that move, pictures from photographs where there are some. */
function clipsFor(source: ClipSource, kind: CropOrder["kind"]): readonly number[] {
  const known = numbers.get(source);
  if (known) return known[kind];
  const all = source.clips.map((_, number) => number);
  const photographs = all.filter((number) => source.clips[number].count === 1);
  const video = all.filter((number) => source.clips[number].count > 1);
  numbers.set(source, { video, image: photographs.length > 0 ? photographs : all });
  return numbers.get(source)![kind];
}

function planPicture(facts: ClipFacts, { size }: CropConfig, random: Random): Cut[] {
  const [roomY, roomX] = roomOf(facts, size);
  return [{
    frame: random.int(facts.count),
    y: random.int(roomY + 1),
    x: random.int(roomX + 1),
  }];
}

/** The frames and places of a clip's crop. */
function planCuts(facts: ClipFacts, config: CropConfig, random: Random): Cut[] {
  const { size, frames: F, augment } = config;
  const [roomY, roomX] = roomOf(facts, size);
  const moving = random.float() < augment.share;
  const speed = moving ? random.range(0.5, augment.speed) : 1;
  const span = (F - 1) * speed;
  const start = Math.max(0, random.range(0, Math.max(0, facts.count - 1 - span) + 1) | 0);
  const pan = moving ? augment.pan : 0;
  let [y, x] = [random.range(0, roomY), random.range(0, roomX)];
  let [vy, vx] = [0, 0];
  return Array.from({ length: F }, (_, i) => {
    // Velocity is piecewise constant: it changes every fourth frame or so.
    if (i === 0 || random.float() < 0.25) {
      [vy, vx] = [random.range(-pan, pan), random.range(-pan, pan)];
    }
    if (i > 0) [y, x] = [clampTo(y + vy, roomY), clampTo(x + vx, roomX)];
    const frame = Math.min(facts.count - 1, start + Math.round(i * speed));
    return { frame, y: Math.round(y), x: Math.round(x) };
  });
}

/** By how much a crop can be moved. */
function roomOf({ width, height }: ClipFacts, size: number): [y: number, x: number] {
  if (width < size || height < size) {
    throw new InputError(
      `clips of ${width}×${height} are smaller than the training size ${size}`,
    );
  }
  return [height - size, width - size];
}

function clampTo(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}

/** Writes the cuts' pixels [F, H, W, 3] and the mask [F, H, W] of 0 and 1. */
export function cutClip(
  { frames, mask }: MaskedClip,
  cuts: readonly Cut[],
  { size: [H, W], mirrored }: {
    readonly size: readonly [number, number];
    readonly mirrored: boolean;
  },
  out: { readonly video: Uint8Array; readonly mask: Uint8Array },
): void {
  cuts.forEach(({ frame, y, x }, f) => {
    for (let row = 0; row < H; row++) {
      const from = (frame * frames.height + y + row) * frames.width + x;
      const at = (f * H + row) * W;
      if (!mirrored) out.video.set(frames.data.subarray(from * 3, (from + W) * 3), at * 3);
      for (let column = 0; column < W; column++) {
        const source = from + (mirrored ? W - 1 - column : column);
        out.mask[at + column] = mask[source] > 0 ? 1 : 0;
        if (!mirrored) continue;
        for (let colour = 0; colour < 3; colour++) {
          out.video[(at + column) * 3 + colour] = frames.data[source * 3 + colour];
        }
      }
    }
  });
}
