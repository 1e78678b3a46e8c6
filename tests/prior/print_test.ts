import { deepEqual, ok } from "node:assert/strict";
import { readBody } from "../../lib/data/mod.ts";
import { findPrints } from "../../lib/prior/print.ts";
import { outerSurface } from "../../lib/prior/surface.ts";

const body = await readBody();
const { faces, vertices } = outerSurface(body, { shells: [] });
const BLUE = [20, 40, 160], YELLOW = [220, 200, 30];

type Place = readonly [number, number, number];
const placeOf = (v: number): Place => [0, 1, 2].map((c) => body.template[v * 3 + c]) as never;
/** Whoever faces the camera shows the front. */
const isFront = ([, , z]: Place) => z > 0.02;

/** Prints on a blue front with what is painted on it. */
function prints(colour: (place: Place) => readonly number[] | undefined): Uint8Array {
  const colours = new Float32Array(body.vertexCount * 3);
  const seen = new Uint8Array(body.vertexCount);
  for (const v of vertices) {
    seen[v] = isFront(placeOf(v)) ? 1 : 0;
    colours.set(colour(placeOf(v)) ?? BLUE, v * 3);
  }
  return findPrints(body, { faces, seen, colours });
}

const none = [...prints(() => undefined)];
const CHEST = [0, 1.22] as const;
const from = ([x, y]: Place, [cx, cy]: readonly [number, number]) => Math.hypot(x - cx, y - cy);

Deno.test("findPrints: a spot in the middle of the chest, with its edge", () => {
  const isSpot = (place: Place) => isFront(place) && from(place, CHEST) < 0.05;
  const found = prints((place) => isSpot(place) ? YELLOW : undefined);
  for (const v of vertices) {
    if (isSpot(placeOf(v))) ok(found[v] === 1);
    if (found[v]) ok(isFront(placeOf(v)) && from(placeOf(v), CHEST) < 0.1);
  }
});

Deno.test("findPrints: a plain shirt, its shade, stripes and ties are none", () => {
  deepEqual(none, Array(body.vertexCount).fill(0));
  const dark = BLUE.map((value) => value * 0.7);
  deepEqual([...prints((place) => from(place, CHEST) < 0.05 ? dark : undefined)], none);
  deepEqual([...prints(([, y]) => Math.abs(y - 1.2) < 0.03 ? YELLOW : undefined)], none);
  deepEqual([...prints(([x]) => Math.abs(x) < 0.02 ? YELLOW : undefined)], none);
});

Deno.test("findPrints: many spots are a pattern", () => {
  const dots = [-0.08, 0.08].flatMap((x) => [1.08, 1.18, 1.28].map((y) => [x, y] as const));
  const found = prints((place) => dots.some((dot) => from(place, dot) < 0.02) ? YELLOW : undefined);
  deepEqual([...found], none);
  ok(prints((place) => from(place, dots[1]) < 0.02 ? YELLOW : undefined).includes(1));
});
