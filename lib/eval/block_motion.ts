// N = 1 picture, H height, W width, K displacements, B blocks

/**
 * How the blocks of a picture moved to the next one: an exhaustive search for the least absolute
 * difference, refined below a pixel by a parabola.
 * @module
 */
import {
  abs,
  argmin,
  avgPool2d,
  type Device,
  flatten,
  inferenceMode,
  mean,
  mul,
  narrow,
  pad,
  scope,
  stack,
  sub,
  type Tensor,
  toFloat32,
  toNumbers,
  upsampleBilinear2dAa,
} from "../tensor/mod.ts";
import { frameTensor } from "./frame_scores.ts";

/** Longest side at which blocks are looked for; larger pictures are made smaller first. */
export const MOTION_SIDE = 256;
/** Pixels of a block, at that size. */
const MOTION_BLOCK = 12;
/** Farthest that a block is looked for, pixels at that size. */
const MOTION_RADIUS = 10;
/** Blocks whose texture is weaker than this in any direction move anywhere without being seen. */
const TEXTURE = 0.012;

/** A block and how it moved, in pixels of the picture as it was given. */
export interface BlockMove {
  /** Centre. */
  readonly x: number;
  readonly y: number;
  /** Displacement to the next picture. */
  readonly dx: number;
  readonly dy: number;
}

/** A picture made ready: grey, of at most `MOTION_SIDE` a side; free it. */
export interface MotionPicture {
  /** [1,1,H,W]. */
  readonly grey: Tensor;
  /** Pixels of the given picture in one of these. */
  readonly scale: number;
}

/** Makes an rgb24 picture ready for {@linkcode blockMoves}. */
export function motionPicture(
  bytes: Uint8Array,
  size: { readonly width: number; readonly height: number },
  device: Device = "cpu",
): MotionPicture {
  const { width, height } = size;
  const scale = Math.max(1, Math.max(width, height) / MOTION_SIDE);
  const grey = inferenceMode(() =>
    scope(() => {
      const picture = mean(frameTensor(bytes, size, device), { dim: [1], keepdim: true });
      if (scale === 1) return picture;
      const small = [Math.round(height / scale), Math.round(width / scale)];
      return upsampleBilinear2dAa(picture, small, false);
    })
  );
  return { grey, scale };
}

/**
 * Moves of the blocks of `first` that have texture and whose place in `second` is not at the edge of
 * what was searched.
 */
export function blockMoves(first: MotionPicture, second: MotionPicture): BlockMove[] {
  const [, , H, W] = first.grey.shape;
  const [rows, columns] = [Math.floor(H / MOTION_BLOCK), Math.floor(W / MOTION_BLOCK)];
  if (rows === 0 || columns === 0) return [];
  const { costs, best, texture } = inferenceMode(() =>
    scope(() => {
      const costs_KB = matchCosts(first.grey, second.grey);
      return {
        costs: toFloat32(costs_KB),
        best: toNumbers(argmin(costs_KB, { dim: 0 })),
        texture: weakestTexture(first.grey),
      };
    })
  );
  const moves: BlockMove[] = [];
  for (const [block, place] of best.entries()) {
    const move = texture[block] < TEXTURE ? undefined : refined(costs, place, {
      block,
      blocks: best.length,
    });
    if (!move) continue;
    const { scale } = first;
    moves.push({
      x: scale * MOTION_BLOCK * (block % columns + 0.5),
      y: scale * MOTION_BLOCK * (Math.floor(block / columns) + 0.5),
      dx: scale * move.dx,
      dy: scale * move.dy,
    });
  }
  return moves;
}

const SPAN = 2 * MOTION_RADIUS + 1;

/** Mean absolute difference of each block at each displacement, row by row: [K,B]. */
function matchCosts(first: Tensor, second: Tensor): Tensor {
  const [, , H, W] = first.shape;
  const R = MOTION_RADIUS;
  const wide = pad(second, [R, R, R, R], { mode: "replicate" });
  const maps: Tensor[] = [];
  for (let dy = 0; dy < SPAN; dy++) {
    const strip = narrow(wide, 2, dy, H);
    for (let dx = 0; dx < SPAN; dx++) {
      const moved = narrow(strip, 3, dx, W);
      maps.push(scope(() => flatten(avgPool2d(abs(sub(first, moved)), MOTION_BLOCK))));
    }
  }
  return stack(maps);
}

/** The smaller of the mean differences to the right and downwards, each block. */
function weakestTexture(picture: Tensor): number[] {
  const [, , H, W] = picture.shape;
  const wide = pad(picture, [0, 1, 0, 1], { mode: "replicate" });
  const along = [[0, 1], [1, 0]].map(([y, x]) => {
    const moved = narrow(narrow(wide, 2, y, H), 3, x, W);
    return toNumbers(flatten(avgPool2d(abs(sub(mul(moved, 1), picture)), MOTION_BLOCK)));
  });
  return along[0].map((value, i) => Math.min(value, along[1][i]));
}

/** The displacement, and the vertex of the parabola through it and its neighbours on each axis. */
function refined(
  costs: Float32Array,
  place: number,
  { block, blocks }: { readonly block: number; readonly blocks: number },
): { dx: number; dy: number } | undefined {
  const [row, column] = [Math.floor(place / SPAN), place % SPAN];
  if (row === 0 || column === 0 || row === SPAN - 1 || column === SPAN - 1) return undefined;
  const cost = (step: number): number => costs[(place + step) * blocks + block];
  const vertex = (step: number): number => {
    const [before, at, after] = [cost(-step), cost(0), cost(step)];
    const bend = before - 2 * at + after;
    return bend <= 0 ? 0 : Math.max(-0.5, Math.min(0.5, (before - after) / (2 * bend)));
  };
  return { dx: column - MOTION_RADIUS + vertex(1), dy: row - MOTION_RADIUS + vertex(SPAN) };
}
