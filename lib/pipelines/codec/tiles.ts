/**
 * Tiles of a picture and of its latents.
 * @module
 */
import { blendWeights, type TileGrid, type TileSpan } from "../../models/video_vae/mod.ts";
import { narrow, type Tensor } from "../../tensor/mod.ts";

/** A tile and how much each of its rows and columns counts. */
export interface Tile {
  readonly index: number;
  readonly row: TileSpan;
  readonly column: TileSpan;
  readonly down: Float32Array;
  readonly across: Float32Array;
}

/** All tiles of a grid; weights have `scale` positions to a latent one. */
export function tilesOf({ rows, columns }: TileGrid, scale: number): Tile[] {
  return rows.flatMap((row, y) =>
    columns.map((column, x) => ({
      index: y * columns.length + x,
      row,
      column,
      down: blendWeights(rows, y, scale),
      across: blendWeights(columns, x, scale),
    }))
  );
}

/** A tile of latents [1,C,T,h,w], a view. */
export function cut(latents: Tensor, row: TileSpan, column: TileSpan): Tensor {
  return narrow(narrow(latents, 3, row.start, row.size), 4, column.start, column.size);
}
