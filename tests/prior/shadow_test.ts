import { deepEqual, ok } from "node:assert/strict";
import { lookAt } from "../../lib/geometry/mod.ts";
import { darkenFloor } from "../../lib/prior/shadow.ts";

const SIDE = 96;
const camera = lookAt([0, 1.5, 3], [0, 0, 0], { width: SIDE, height: SIDE, fovYDegrees: 40 });

/** Vertices of a square of 20 cm, its middle at a place. */
function square(x: number, y: number, z: number) {
  const steps = Array.from({ length: 11 }, (_, i) => -0.1 + i * 0.02);
  const places = steps.flatMap((dx) => steps.map((dz) => [x + dx, y, z + dz]));
  return {
    posed: { vertices: Float32Array.from(places.flat()) },
    vertices: Uint32Array.from(places.keys()),
  };
}

/** A white picture with the shadows of what stands there. */
function shaded(casters: readonly ReturnType<typeof square>[], seenBy = camera): Uint8Array {
  const rgb = new Uint8Array(SIDE * SIDE * 3).fill(200);
  darkenFloor(rgb, seenBy, casters);
  return rgb;
}

/** Pixel column and row of a place in the world. */
function pixelOf([x, y, z]: readonly [number, number, number]): [number, number] {
  const { rotation: r, translation: t, fx, fy, cx, cy } = camera;
  const [u, v, depth] = [0, 3, 6].map((k) => r[k] * x + r[k + 1] * y + r[k + 2] * z + t[k / 3]);
  return [Math.floor(fx * u / depth + cx), Math.floor(fy * v / depth + cy)];
}

const at = (rgb: Uint8Array, [column, row]: readonly [number, number]) =>
  rgb[(row * SIDE + column) * 3];

Deno.test("darkenFloor: darkest under a sole, nothing half a metre away", () => {
  const rgb = shaded([square(0.4, 0, -0.3)]);
  const under = at(rgb, pixelOf([0.4, 0, -0.3]));
  ok(under < 160, `${under} of 200`);
  ok(rgb.every((value) => value >= under - 2));
  for (const place of [[-0.2, 0, -0.3], [1, 0, -0.3], [0.4, 0, 0.3]] as const) {
    deepEqual(at(rgb, pixelOf(place)), 200);
  }
});

Deno.test("darkenFloor: what is higher throws less, and what is not on the floor nothing", () => {
  const darkest = (y: number) => Math.min(...shaded([square(0, y, 0)]));
  ok(darkest(0) < darkest(0.2) && darkest(0.2) < darkest(1) && darkest(1) < 200);
  // Whoever is far above or below stands in a world whose floor is elsewhere.
  for (const y of [3, -1]) deepEqual(darkest(y), 200);
});

Deno.test("darkenFloor: two shadows in one place are as dark as one", () => {
  deepEqual(shaded([square(0, 0, 0), square(0, 0, 0)]), shaded([square(0, 0, 0)]));
});

Deno.test("darkenFloor: a camera that sees no floor shows no shadow", () => {
  const lens = { width: SIDE, height: SIDE, fovYDegrees: 40 };
  for (const other of [lookAt([0, -1, 3], [0, 0, 0], lens), lookAt([0, 1, 3], [0, 9, 0], lens)]) {
    ok(shaded([square(0, 0, 0)], other).every((value) => value === 200));
  }
});

Deno.test("darkenFloor: the same shadow from so near that it reaches behind the camera", () => {
  const near = lookAt([0, 0.3, 0.2], [0, 0, 0], { width: SIDE, height: SIDE, fovYDegrees: 60 });
  const middle = shaded([square(0, 0, 0)], near)[(SIDE / 2 * SIDE + SIDE / 2) * 3];
  const far = at(shaded([square(0, 0, 0)]), pixelOf([0, 0, 0]));
  ok(Math.abs(middle - far) <= 3, `${middle} and ${far}`);
});
