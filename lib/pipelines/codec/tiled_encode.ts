/**
 * Encoding pictures too large for memory, tile by tile, each through the whole clip.
 * @module
 */
import {
  EncoderStream,
  framesToVideo,
  padToGrid,
  type TileGrid,
  type VideoVae,
} from "../../models/video_vae/mod.ts";
import {
  add_,
  cat,
  keep,
  mul,
  narrow,
  noGrad,
  reshape,
  scope,
  type Tensor,
  tensor,
  to,
  zeros,
} from "../../tensor/mod.ts";
import type { StoredLatents } from "../record/mod.ts";
import type { ReconstructOptions } from "./codec_options.ts";
import type { SpooledClip } from "../../io/mod.ts";
import { cut, type Tile, tilesOf } from "./tiles.ts";

/** As `encodeClip`. */
export async function encodeTiled(
  vae: VideoVae,
  clip: SpooledClip,
  grid: TileGrid,
  { chunk = 4, device = "cpu", signal, onFrames }: ReconstructOptions,
): Promise<StoredLatents> {
  const s = vae.spatialFactor;
  const { width, height, fps, frames } = clip;
  const tiles = tilesOf(grid, 1);
  const size = chunk * vae.temporalFactor;
  const sum = new LatentSum(grid);
  try {
    for (const tile of tiles) {
      using stream = new EncoderStream(vae);
      let t = 0;
      const take = (latents: Tensor | undefined): void => {
        if (latents) t += sum.add(latents, tile, t);
      };
      for (let begin = 0; begin < frames; begin += size) {
        signal?.throwIfAborted();
        const count = Math.min(size, frames - begin);
        const parts: Uint8Array[] = [];
        for (let i = 0; i < count; i++) {
          parts.push(crop(await clip.frame(begin + i), { width, height }, tile, s));
        }
        take(scope(() => stream.push(to(toVideo(parts, tile, { width, height, s }), { device }))));
        const share = (tile.index + (begin + count) / frames) / tiles.length;
        onFrames?.(Math.floor(share * frames));
      }
      take(stream.finish());
    }
    const latents = scope(() => to(sum.take(), { device }));
    return { latents, frames, width, height, fps };
  } catch (error) {
    sum.dispose();
    throw error;
  }
}

/** Latents of all tiles, weighted and added up, on the CPU: they are small. */
class LatentSum {
  readonly #h: number;
  readonly #w: number;
  #parts: Tensor[] = [];

  constructor({ rows, columns }: TileGrid) {
    const [row, column] = [rows.at(-1)!, columns.at(-1)!];
    this.#h = row.start + row.size;
    this.#w = column.start + column.size;
  }

  /** Takes latents [1,C,n,th,tw] of a tile from latent frame `t` on; frees them and returns n. */
  add(latents: Tensor, { row, column, down, across }: Tile, t: number): number {
    const [B, C, n] = latents.shape;
    scope(() =>
      noGrad(() => {
        const weights = mul(
          reshape(tensor(down), [1, 1, 1, row.size, 1]),
          reshape(tensor(across), [1, 1, 1, 1, column.size]),
        );
        const weighted = mul(to(latents, { device: "cpu", dtype: "float32" }), weights);
        for (let i = 0; i < n; i++) {
          this.#parts[t + i] ??= keep(zeros([B, C, 1, this.#h, this.#w]));
          add_(cut(this.#parts[t + i], row, column), narrow(weighted, 2, i, 1));
        }
      })
    );
    latents.dispose();
    return n;
  }

  /** All of them as one [1,C,T,h,w]. */
  take(): Tensor {
    const all = cat(this.#parts, 2);
    this.dispose();
    return all;
  }

  dispose(): void {
    for (const part of this.#parts) part.dispose();
    this.#parts = [];
  }
}

/** The part of a frame that a tile sees; a tile may reach beyond the frame's right and lower edge. */
function crop(
  frame: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  { row, column }: Tile,
  s: number,
): Uint8Array {
  const { top, left, rows, columns } = cropSize({ row, column }, { width, height, s });
  const out = new Uint8Array(rows * columns * 3);
  for (let y = 0; y < rows; y++) {
    const from = ((top + y) * width + left) * 3;
    out.set(frame.subarray(from, from + columns * 3), y * columns * 3);
  }
  return out;
}

interface PictureSize {
  readonly width: number;
  readonly height: number;
  readonly s: number;
}

function cropSize(
  { row, column }: Pick<Tile, "row" | "column">,
  { width, height, s }: PictureSize,
) {
  const [top, left] = [row.start * s, column.start * s];
  return {
    top,
    left,
    rows: Math.min(row.size * s, height - top),
    columns: Math.min(column.size * s, width - left),
  };
}

/** Crops of one tile as a video whose sides are multiples of s. */
function toVideo(crops: readonly Uint8Array[], tile: Tile, size: PictureSize): Tensor {
  const { rows, columns } = cropSize(tile, size);
  const frames = crops.map((data) =>
    framesToVideo({ data, count: 1, width: columns, height: rows, fps: 1 })
  );
  return padToGrid(cat(frames, 2), size.s);
}
