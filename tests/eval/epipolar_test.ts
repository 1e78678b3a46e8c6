import { equal, ok } from "node:assert/strict";
import {
  cornerPoints,
  epipolarDistance,
  fundamentalMatrix,
  matchCorners,
} from "../../lib/eval/mod.ts";
import { lookAt } from "../../lib/geometry/mod.ts";
import cases from "../fixtures/eval/epipolar.json" with { type: "json" };

type Told = typeof cases[number]["first"];

const camera = (told: Told) => ({
  ...{ width: 128, height: 128, ...told },
  rotation: Float64Array.from(told.rotation),
  translation: Float64Array.from(told.translation),
});

Deno.test("fundamentalMatrix, epipolarDistance: as OpenCV's eight points and lines", () => {
  for (const { first, second, f: wanted, a, b, distance } of cases) {
    const f = fundamentalMatrix(camera(first), camera(second))!;
    // The sign is free.
    const sign = Math.sign(f.reduce((sum, value, i) => sum + value * wanted[i], 0));
    for (const [i, value] of f.entries()) {
      ok(Math.abs(sign * value - wanted[i]) < 1e-7, `${sign * value}, expected ${wanted[i]}`);
    }
    for (const [i, pixels] of distance.entries()) {
      const [p, q] = [a, b].map((xy) => ({ x: xy[2 * i], y: xy[2 * i + 1] }));
      const ours = epipolarDistance(f, p, q);
      ok(Math.abs(ours - pixels) < 1e-3 * pixels + 1e-3, `${ours} pixels, expected ${pixels}`);
    }
  }
});

Deno.test("fundamentalMatrix: none of cameras that stand at one place", () => {
  const lens = { width: 64, height: 64, fovYDegrees: 50 };
  const turned = lookAt([0, 1, 3], [0.4, 1, 0], lens);
  equal(fundamentalMatrix(lookAt([0, 1, 3], [0, 1, 0], lens), turned), undefined);
  ok(fundamentalMatrix(lookAt([0.1, 1, 3], [0, 1, 0], lens), turned));
});

const [width, height] = [96, 80];

/** Blots of many sizes and colours, seen through a window that has moved by (dx, dy) pixels. */
function blots(dx: number, dy: number, seed: number = 1): Uint8Array {
  const at = (i: number) => ((Math.sin(i * 12.9898 + seed * 78.233) * 43758.5453) % 1 + 1) % 1;
  const all = Array.from({ length: 90 }, (_, i) => ({
    x: at(6 * i) * 130 - 15,
    y: at(6 * i + 1) * 110 - 15,
    size: 2 + 4 * at(6 * i + 2),
    colour: [at(6 * i + 3), at(6 * i + 4), at(6 * i + 5)],
  }));
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    const light = all.reduce((sum, blot) => {
      const square = (x - dx - blot.x) ** 2 + (y - dy - blot.y) ** 2;
      return sum + (blot.colour[c] - 0.5) * Math.exp(-square / (2 * blot.size ** 2));
    }, 0.5);
    return 255 * Math.max(0, Math.min(1, light));
  });
}

Deno.test("matchCorners: finds where each corner went, below a pixel", () => {
  const size = { width, height };
  const first = cornerPoints(blots(0, 0), size);
  for (const [dx, dy] of [[0, 0], [5, -3], [-7.5, 2.25]]) {
    const matches = matchCorners(first, cornerPoints(blots(dx, dy), size));
    ok(matches.length >= 15, `${matches.length} matches`);
    const off = matches
      .map(({ first: p, second: q }) => Math.hypot(q.x - p.x - dx, q.y - p.y - dy))
      .sort((a, b) => a - b);
    ok(off[Math.floor(off.length / 2)] < 0.4, `median ${off[Math.floor(off.length / 2)]}`);
    ok(off[Math.floor(off.length * 0.9)] < 1.5, `nine tenths ${off[Math.floor(off.length * 0.9)]}`);
  }
});

Deno.test("matchCorners: next to nothing in another picture, nothing in a plain one", () => {
  const size = { width, height };
  const first = cornerPoints(blots(0, 0), size);
  const other = matchCorners(first, cornerPoints(blots(0, 0, 2), size));
  ok(other.length < first.places.length / 20, `${other.length} of ${first.places.length}`);
  const plain = cornerPoints(new Uint8Array(width * height * 3).fill(90), size);
  equal(plain.places.length, 0);
  equal(matchCorners(first, plain).length, 0);
});
