/**
 * Decoding pictures too large for memory. One tile goes through the whole clip, then the next, so that
 * the causal layers remember one tile only; what is done waits on disk.
 * @module
 */
import { Spool } from "../../io/mod.ts";
import {
  DecoderStream,
  type TileGrid,
  videoFrames,
  videoToFrames,
  type VideoVae,
} from "../../models/video_vae/mod.ts";
import { narrow, scope, to } from "../../tensor/mod.ts";
import type { StoredLatents } from "../record/mod.ts";
import type { ReconstructOptions } from "./codec_options.ts";
import { cut, type Tile, tilesOf } from "./tiles.ts";

/** As `decodeLatents`; the first frame comes when the last tile is done. */
export async function* decodeTiled(
  vae: VideoVae,
  stored: StoredLatents,
  grid: TileGrid,
  { chunk = 4, device = "cpu", signal, onFrames }: ReconstructOptions,
): AsyncGenerator<Uint8Array> {
  const { latents, frames, width, height } = stored;
  const s = vae.spatialFactor;
  const tiles = tilesOf(grid, s);
  const pixels = tiles[0].row.size * tiles[0].column.size * s * s * 3;
  using spool = await Spool.open();
  const T = latents.shape[2];
  for (const { index, row, column } of tiles) {
    using stream = new DecoderStream(vae);
    let done = 0;
    for (let t = 0; t < T; t += chunk) {
      signal?.throwIfAborted();
      const { data, count } = scope(() => {
        const part = narrow(latents, 2, t, Math.min(chunk, T - t));
        return videoToFrames(stream.push(to(cut(part, row, column), { device })), { fps: 1 });
      });
      spool.write((index * videoFrames(T, vae.temporalFactor) + done) * pixels, data);
      done += count;
      const share = (index + Math.min(1, done / frames)) / tiles.length;
      if (index < tiles.length - 1 || done < frames) onFrames?.(Math.floor(share * frames));
    }
  }
  for (let frame = 0; frame < frames; frame++) {
    signal?.throwIfAborted();
    const picture = new Float32Array(height * width * 3);
    for (const tile of tiles) {
      const at = (tile.index * videoFrames(T, vae.temporalFactor) + frame) * pixels;
      blend(picture, { width, height }, tile, { bytes: spool.read(at, pixels), s });
    }
    yield Uint8Array.from(picture, Math.round);
  }
  onFrames?.(frames);
}

/** Adds a decoded tile, weighted, to a picture; what lies beyond its edges is left out. */
function blend(
  picture: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
  { row, column, down, across }: Tile,
  { bytes, s }: { readonly bytes: Uint8Array; readonly s: number },
): void {
  const [top, left] = [row.start * s, column.start * s];
  const columns = Math.min(across.length, width - left);
  for (let y = 0; y < down.length && top + y < height; y++) {
    let from = y * across.length * 3;
    let into = ((top + y) * width + left) * 3;
    for (let x = 0; x < columns; x++) {
      const weight = down[y] * across[x];
      for (let c = 0; c < 3; c++) picture[into++] += weight * bytes[from++];
    }
  }
}
