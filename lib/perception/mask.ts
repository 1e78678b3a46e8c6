// h w: the coarse region; H W: the same region at the picture's size

/**
 * A person's mask at the picture's own size: the network's coarse one, moved onto the picture's edges
 * by a guided filter (He, Sun and Tang 2013; computed coarsely and applied finely, He and Sun 2015).
 * @module
 */
import {
  add,
  avgPool2d,
  cat,
  clamp,
  div,
  fromBytes,
  gridSample,
  maxPool2d,
  mul,
  narrow,
  neg,
  relu,
  reshape,
  round,
  scope,
  sub,
  sum,
  type Tensor,
  tensor,
  to,
  toBytes,
  toFloat32,
  unbind,
  upsampleBilinear2d,
} from "../tensor/mod.ts";
import { type BodyAnswer, MASK_SIZE } from "./body.ts";
import type { Pyramid, Square } from "./picture.ts";
import type { PersonMask } from "./types.ts";

/** Coarse pixels over which colours explain the mask, to each side. */
const REACH = 4;
/** Variance of colours, 0 to 1, below which they explain nothing. */
const EPSILON = 1e-4;
/** The mask moves by no more than this, in coarse pixels. */
const MOVE = 3;
/** Less than this, and more than one minus it, is nothing and all. */
const HAZE = 0.15;

/** A part of the picture, whole pixels. */
interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The mask of whom a network saw in its square. */
export function maskOf(answer: BodyAnswer, picture: Pyramid): PersonMask {
  const { width, height } = picture;
  const data = new Uint8Array(width * height);
  const level = picture.levelFor(answer.square.size / MASK_SIZE);
  const scale = 2 ** level;
  using source = fromBytes(bytesOf(answer.mask), {
    shape: [1, 1, MASK_SIZE, MASK_SIZE],
    dtype: "float32",
  });
  using coarse = sampled(source, { square: answer.square, scale, picture });
  const region = regionOf(coarse);
  if (region === undefined) return { width, height, data };
  const x = region.x * scale;
  const y = region.y * scale;
  const W = Math.min(region.width * scale, width - x);
  const H = Math.min(region.height * scale, height - y);
  const fine = scope(() => {
    const guide = picture.level(level);
    const mask = to(part(coarse, region), { device: guide.device });
    const filter = guided(part(guide, region), mask);
    const size = [region.height * scale, region.width * scale];
    const grown = part(upsampleBilinear2d(filter, size, false), {
      ...{ x: 0, y: 0, width: W, height: H },
    });
    return toBytes(applied(grown, part(picture.level(0), { x, y, width: W, height: H })));
  });
  for (let row = 0; row < H; row++) {
    data.set(fine.subarray(row * W, (row + 1) * W), (y + row) * width + x);
  }
  return { width, height, data };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Around what could belong to the person, and as far as the mask may move; `undefined` for nobody. */
function regionOf(coarse: Tensor): Region | undefined {
  const [, , h, w] = coarse.shape;
  const values = toFloat32(coarse);
  let [x0, x1, y0, y1] = [w, -1, h, -1];
  for (let y = 0, at = 0; y < h; y++) {
    for (let x = 0; x < w; x++, at++) {
      if (values[at] < HAZE / 3) continue;
      [x0, x1] = [Math.min(x0, x), Math.max(x1, x)];
      [y0, y1] = [Math.min(y0, y), y];
    }
  }
  if (x1 < 0) return undefined;
  const around = REACH + MOVE;
  const [x, y] = [Math.max(0, x0 - around), Math.max(0, y0 - around)];
  return {
    ...{ x, y },
    width: Math.min(w, x1 + 1 + around) - x,
    height: Math.min(h, y1 + 1 + around) - y,
  };
}

function part(x: Tensor, { x: left, y: top, width, height }: Region): Tensor {
  return narrow(narrow(x, 2, top, height), 3, left, width);
}

/** The network's mask over the picture's coarse pixels, [1,1,h,w]; outside the square there is nobody. */
function sampled(
  source: Tensor,
  { square, scale, picture }: {
    readonly square: Square;
    readonly scale: number;
    readonly picture: Pyramid;
  },
): Tensor {
  const [h, w] = [picture.height, picture.width].map((n) => Math.ceil(n / scale));
  const places = new Float32Array(h * w * 2);
  const [cos, sin] = [Math.cos(square.angle), Math.sin(square.angle)];
  for (let row = 0, at = 0; row < h; row++) {
    const y = (row + 0.5) * scale - square.y;
    for (let column = 0; column < w; column++, at += 2) {
      const x = (column + 0.5) * scale - square.x;
      places[at] = (cos * x + sin * y) / square.size * 2;
      places[at + 1] = (cos * y - sin * x) / square.size * 2;
    }
  }
  using grid = tensor(places, { shape: [1, h, w, 2] });
  return gridSample(source, grid);
}

/** Means over squares of REACH to each side, at the edges of what there is: of rows, then of columns. */
function box(x: Tensor): Tensor {
  const settings = { stride: 1, countIncludePad: false };
  const rows = avgPool2d(x, [1, 2 * REACH + 1], { ...settings, padding: [0, REACH] });
  return avgPool2d(rows, [2 * REACH + 1, 1], { ...settings, padding: [REACH, 0] });
}

/** The largest within MOVE to each side. */
function most(x: Tensor): Tensor {
  const rows = maxPool2d(x, [1, 2 * MOVE + 1], { stride: 1, padding: [0, MOVE] });
  return maxPool2d(rows, [2 * MOVE + 1, 1], { stride: 1, padding: [MOVE, 0] });
}

/**
 * Guide I [1,3,h,w] and mask p [1,1,h,w] → [1,6,h,w]: a and b of q = a·I + b, and between which values
 * q has to lie.
 */
function guided(guide: Tensor, mask: Tensor): Tensor {
  const [r, g, b] = channels(guide);
  const products = [mul(r, r), mul(r, g), mul(r, b), mul(g, g), mul(g, b), mul(b, b)];
  const means = box(cat([guide, mask, mul(guide, mask), ...products], 1));
  const [mr, mg, mb, mp, rp, gp, bp, rr, rg, rb, gg, gb, bb] = channels(means);
  const spread = (mean: Tensor, x: Tensor, y: Tensor, more = 0) => add(sub(mean, mul(x, y)), more);
  const [xx, xy, xz, yy, yz, zz] = [
    ...[spread(rr, mr, mr, EPSILON), spread(rg, mr, mg), spread(rb, mr, mb)],
    ...[spread(gg, mg, mg, EPSILON), spread(gb, mg, mb), spread(bb, mb, mb, EPSILON)],
  ];
  const with_ = [spread(rp, mr, mp), spread(gp, mg, mp), spread(bp, mb, mp)];
  // The inverse of a symmetric 3×3 matrix by its cofactors.
  const less = (p: Tensor, q: Tensor, s: Tensor, t: Tensor) => sub(mul(p, q), mul(s, t));
  const [cxx, cxy, cxz] = [less(yy, zz, yz, yz), less(xz, yz, xy, zz), less(xy, yz, xz, yy)];
  const [cyy, cyz, czz] = [less(xx, zz, xz, xz), less(xy, xz, xx, yz), less(xx, yy, xy, xy)];
  const dot = (row: readonly Tensor[], column: readonly Tensor[]) =>
    row.map((value, i) => mul(value, column[i])).reduce((a, b) => add(a, b));
  const determinant = dot([xx, xy, xz], [cxx, cxy, cxz]);
  const slopes = [[cxx, cxy, cxz], [cxy, cyy, cyz], [cxz, cyz, czz]]
    .map((row) => div(dot(row, with_), determinant));
  const offset = sub(mp, dot(slopes, [mr, mg, mb]));
  return cat([box(cat([...slopes, offset], 1)), neg(most(neg(mask))), most(mask)], 1);
}

function channels(x: Tensor): Tensor[] {
  return unbind(reshape(x, [x.shape[1], 1, 1, ...x.shape.slice(2)]), 0);
}

/** The filter [1,6,H,W] on the picture [1,3,H,W] → 0 to 255, [1,1,H,W] of bytes. */
function applied(filter: Tensor, guide: Tensor): Tensor {
  const [slopes, offset, low, high] = [[0, 3], [3, 1], [4, 1], [5, 1]]
    .map(([start, length]) => narrow(filter, 1, start, length));
  const value = add(sum(mul(slopes, guide), { dim: 1, keepdim: true }), offset);
  const bound = sub(value, add(relu(sub(value, high)), neg(relu(sub(low, value)))));
  const clear = clamp(div(sub(bound, HAZE), 1 - 2 * HAZE), { min: 0, max: 1 });
  return to(round(mul(clear, 255)), { dtype: "uint8" });
}
