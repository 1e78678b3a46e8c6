/**
 * Large pictures in overlapping tiles. Convolutions see a tile's own edge only where the neighbour
 * weighs little; group norms and the middle's attention, which see all of a picture, see all of a
 * tile. The shipped VideoVAE comes back at 57 dB from tiles of 128 pixels; a net of SD3's kind with
 * random weights, whose norms differ much from place to place, at 22 dB from tiles of 96.
 * @module
 */
import { ConfigError } from "../../errors.ts";
import { type Device, freeDeviceMemory, isHere } from "../../tensor/mod.ts";
import { spatialFactor, temporalFactor, type VideoVaeConfig } from "./config.ts";

/** "auto": where a picture would need much memory; a number: the tiles' side in pixels. */
export type TilingChoice = "auto" | "off" | number;

/** A cut of one axis, in latent positions. */
export interface TileSpan {
  readonly start: number;
  readonly size: number;
}

/** A picture's tiles, row by row. */
export interface TileGrid {
  readonly rows: readonly TileSpan[];
  readonly columns: readonly TileSpan[];
}

/** Share of a tile that it has in common with each neighbour. */
const OVERLAP = 1 / 4;

/** Smallest side of a tile that "auto" takes; smaller ones cost much overlap. */
const LEAST_AUTO_TILE = 256;

/** What the largest layer of a picture may need before "auto" cuts it, on the CPU. */
const AUTO_BYTES = 6 * 2 ** 30;

/** Share of a device's free memory that it may need there: convolutions' own memory comes beside it. */
const DEVICE_SHARE = 0.5;

/** The same on a device: a share of what is free there now. */
export function tilingRoom(device: Device): number {
  const there = device.startsWith("cuda") && isHere(device);
  return there ? DEVICE_SHARE * freeDeviceMemory(device) : AUTO_BYTES;
}

/** Tensors of a layer's size that are alive at once: padded input, norm, output, skip. */
const LIVE_TENSORS = 4;

/**
 * The tiles for a picture of this many pixels, or undefined where it is worked on whole. Tiles are of
 * equal size and lie a quarter over one another. "auto" keeps the largest layer within `room` bytes. Throws {@linkcode ConfigError} for a side that is too
 * small.
 */
export function tileGrid(
  config: VideoVaeConfig,
  { width, height }: { readonly width: number; readonly height: number },
  choice: TilingChoice,
  room: number = AUTO_BYTES,
): TileGrid | undefined {
  const side = choice === "auto" ? autoTile(config, { width, height, room }) : choice;
  if (side === "off") return undefined;
  const s = spatialFactor(config);
  const tile = Math.floor(side / s);
  if (tile < 4) {
    throw new ConfigError(`tiles of ${side} pixels are too small, expected at least ${4 * s}`);
  }
  const [rows, columns] = [height, width].map((pixels) => tileSpans(Math.ceil(pixels / s), tile));
  return rows.length * columns.length > 1 ? { rows, columns } : undefined;
}

/** Cuts `length` into spans of `tile` (or one of `length`), evenly, each a quarter over the next. */
export function tileSpans(length: number, tile: number): TileSpan[] {
  if (length <= tile) return [{ start: 0, size: length }];
  const overlap = Math.ceil(tile * OVERLAP);
  const count = Math.ceil((length - overlap) / (tile - overlap));
  return Array.from({ length: count }, (_, i) => ({
    start: Math.round(i * (length - tile) / (count - 1)),
    size: tile,
  }));
}

/**
 * How much each of a span's positions counts, `scale` of them to a latent position: linear ramps where
 * spans overlap. Over all spans the weights of a position sum up to 1.
 */
export function blendWeights(
  spans: readonly TileSpan[],
  index: number,
  scale: number = 1,
): Float32Array {
  const { start, size } = spans[index];
  return Float32Array.from({ length: size * scale }, (_, i) => {
    const at = start + (i + 0.5) / scale;
    const all = spans.map((_, other) => ramp(spans, other, at));
    return all[index] / all.reduce((a, b) => a + b);
  });
}

/** 1 within a span, falling to 0 towards its ends where it has neighbours, 0 outside. */
function ramp(spans: readonly TileSpan[], index: number, at: number): number {
  const { start, size } = spans[index];
  const end = start + size;
  if (at < start || at > end) return 0;
  const [before, after] = [spans[index - 1], spans[index + 1]];
  const left = before ? (at - start) / (before.start + before.size - start) : 1;
  const right = after ? (end - at) / (end - after.start) : 1;
  return Math.min(1, left, right);
}

/** The largest tile that stays below the limit, or "off" where the whole does. */
function autoTile(
  config: VideoVaeConfig,
  { width, height, room }: {
    readonly width: number;
    readonly height: number;
    readonly room: number;
  },
): number | "off" {
  const pixels = room / bytesPerPixel(config);
  if (width * height <= pixels) return "off";
  return Math.max(LEAST_AUTO_TILE, Math.floor(Math.sqrt(pixels) / 64) * 64);
}

/** What the largest layer takes for one pixel of a group of frames that are decoded together. */
function bytesPerPixel({ channels, stages, patchSize, ...config }: VideoVaeConfig): number {
  const frames = temporalFactor({ channels, stages, patchSize, ...config });
  let area = 1 / patchSize ** 2;
  let most = 0;
  for (const [level, width] of channels.entries()) {
    // Going up, a level's pictures arrive with the coarser level's channels.
    const widest = Math.max(width, channels[level + 1] ?? 0);
    most = Math.max(most, widest * area);
    area /= (stages[level]?.space ?? 1) ** 2;
  }
  return most * frames * LIVE_TENSORS * Float32Array.BYTES_PER_ELEMENT;
}
