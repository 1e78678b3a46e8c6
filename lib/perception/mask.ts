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
  unbind,
  upsampleBilinear2d,
} from "../tensor/mod.ts";
import { type BodyAnswer, MASK_SIZE } from "./body.ts";
import type { Pyramid } from "./picture.ts";
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
  const region = regionOf(answer, picture, 2 ** level);
  if (region.width <= 0 || region.height <= 0) return { width, height, data };
  const { x, y } = region;
  const [W, H] = [Math.min(region.width, width - x), Math.min(region.height, height - y)];
  const fine = scope(() => {
    const scale = 2 ** level;
    const coarse = part(picture.level(level), {
      ...{ x: x / scale, y: y / scale },
      ...{ width: region.width / scale, height: region.height / scale },
    });
    const filter = guided(coarse, sampled(answer, region, coarse));
    const grown = upsampleBilinear2d(filter, [region.height, region.width], false);
    const guide = part(picture.level(0), { x, y, width: W, height: H });
    return toBytes(applied(part(grown, { x: 0, y: 0, width: W, height: H }), guide));
  });
  for (let row = 0; row < H; row++) {
    data.set(fine.subarray(row * W, (row + 1) * W), (y + row) * width + x);
  }
  return { width, height, data };
}

/** Around the turned square, within the picture, in whole coarse pixels; it may end outside. */
function regionOf({ square }: BodyAnswer, { width, height }: Pyramid, scale: number): Region {
  const half = square.size / 2 *
    (Math.abs(Math.cos(square.angle)) + Math.abs(Math.sin(square.angle)));
  const down = (value: number) => Math.floor(Math.max(0, value) / scale) * scale;
  const up = (value: number, most: number) => Math.ceil(Math.min(most, value) / scale) * scale;
  const [x, y] = [down(square.x - half), down(square.y - half)];
  return {
    ...{ x, y },
    width: up(square.x + half, width) - x,
    height: up(square.y + half, height) - y,
  };
}

function part(x: Tensor, { x: left, y: top, width, height }: Region): Tensor {
  return narrow(narrow(x, 2, top, height), 3, left, width);
}

/** The network's mask over the region, [1,1,h,w]; outside the square there is nobody. */
function sampled({ square, mask }: BodyAnswer, region: Region, coarse: Tensor): Tensor {
  const [, , h, w] = coarse.shape;
  const scale = region.width / w;
  const places = new Float32Array(h * w * 2);
  const [cos, sin] = [Math.cos(square.angle), Math.sin(square.angle)];
  for (let row = 0; row < h; row++) {
    const y = region.y + (row + 0.5) * scale - square.y;
    for (let column = 0; column < w; column++) {
      const x = region.x + (column + 0.5) * scale - square.x;
      const at = (row * w + column) * 2;
      places[at] = (cos * x + sin * y) / square.size * 2;
      places[at + 1] = (cos * y - sin * x) / square.size * 2;
    }
  }
  const { device } = coarse;
  const bytes = new Uint8Array(mask.buffer, mask.byteOffset, mask.byteLength);
  const shape = [1, 1, MASK_SIZE, MASK_SIZE];
  const source = to(fromBytes(bytes, { shape, dtype: "float32" }), { device });
  return gridSample(source, reshape(tensor(places, { device }), [1, h, w, 2]));
}

const box = (x: Tensor, reach: number) =>
  avgPool2d(x, 2 * reach + 1, { stride: 1, padding: reach, countIncludePad: false });

/**
 * Guide I [1,3,h,w] and mask p [1,1,h,w] → [1,6,h,w]: a and b of q = a·I + b, and between which values
 * q has to lie.
 */
function guided(guide: Tensor, mask: Tensor): Tensor {
  const [r, g, b] = channels(guide);
  const products = [mul(r, r), mul(r, g), mul(r, b), mul(g, g), mul(g, b), mul(b, b)];
  const means = box(cat([guide, mask, mul(guide, mask), ...products], 1), REACH);
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
  const size = 2 * MOVE + 1;
  const most = maxPool2d(mask, size, { stride: 1, padding: MOVE });
  const least = neg(maxPool2d(neg(mask), size, { stride: 1, padding: MOVE }));
  return cat([box(cat([...slopes, offset], 1), REACH), least, most], 1);
}

function channels(x: Tensor): Tensor[] {
  return unbind(reshape(x, [x.shape[1], 1, 1, ...x.shape.slice(2)]), 0);
}

/** The filter [1,6,H,W] on the picture [1,3,H,W] → 0 to 255, [1,1,H,W] of bytes. */
function applied(filter: Tensor, guide: Tensor): Tensor {
  const [slopes, offset, least, most] = [[0, 3], [3, 1], [4, 1], [5, 1]]
    .map(([start, length]) => narrow(filter, 1, start, length));
  const value = add(sum(mul(slopes, guide), { dim: 1, keepdim: true }), offset);
  const bound = sub(value, add(relu(sub(value, most)), neg(relu(sub(least, value)))));
  const clear = clamp(div(sub(bound, HAZE), 1 - 2 * HAZE), { min: 0, max: 1 });
  return to(round(mul(clear, 255)), { dtype: "uint8" });
}
