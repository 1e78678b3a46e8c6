import { deepEqual, ok } from "node:assert/strict";
import { keepBackground } from "../../lib/prior/mod.ts";

const [WIDTH, HEIGHT] = [60, 100];
const size = { width: WIDTH, height: HEIGHT, fitted: true };

/** A post from row 10 to 79, columns 25 to 34. */
const coverage = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
  const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
  return x >= 25 && x < 35 && y >= 10 && y < 80 ? 255 : 0;
});

const background = Uint8Array.from(
  { length: WIDTH * HEIGHT * 3 },
  (_, i) => 100 + 40 * Math.sin(i),
);

const pixel = (picture: Uint8Array, x: number, y: number) => [
  ...picture.subarray((y * WIDTH + x) * 3, (y * WIDTH + x) * 3 + 3),
];

/** What a decoder does: everything a little off, and a person. */
function decoded(shadow: (x: number, y: number) => boolean = () => false): Uint8Array {
  return background.map((value, i) => {
    const at = Math.floor(i / 3), [x, y] = [at % WIDTH, Math.floor(at / WIDTH)];
    if (coverage[at]) return 200;
    return value + (i % 2 ? 3 : -3) - (shadow(x, y) ? 30 : 0);
  });
}

Deno.test("keepBackground: the person is the model's, and away from it the background's own bits", () => {
  const kept = keepBackground({ ...size, made: decoded(), background, coverage });
  deepEqual(pixel(kept, 30, 40), [200, 200, 200]);
  for (const [x, y] of [[20, 40], [40, 40], [30, 5], [30, 84], [5, 95], [59, 0]]) {
    deepEqual(pixel(kept, x, y), pixel(background, x, y), `${x}, ${y}`);
  }
});

Deno.test("keepBackground: a shadow at the feet stays, and the floor's own pattern in it", () => {
  const made = decoded((x, y) => x >= 30 && y >= 74 && y < 84);
  const kept = keepBackground({ ...size, made, background, coverage });
  const [r, g, b] = pixel(background, 45, 79);
  const shaded = pixel(kept, 45, 79);
  const fall = [r - shaded[0], g - shaded[1], b - shaded[2]];
  ok(fall.every((by) => by > 20 && by <= 30), `${fall}`);
  ok(Math.max(...fall) - Math.min(...fall) <= 1, "each channel by as much");
  deepEqual(pixel(kept, 10, 79), pixel(background, 10, 79));
  // A dark spot beside the head is no shadow on the floor.
  const high = keepBackground({
    ...{ ...size, background, coverage },
    made: decoded((x, y) => x > 40 && y < 40),
  });
  deepEqual(pixel(high, 50, 20), pixel(background, 50, 20));
});

Deno.test("keepBackground: nobody in the picture leaves the background", () => {
  const nobody = new Uint8Array(WIDTH * HEIGHT);
  const kept = keepBackground({ ...size, made: decoded(), background, coverage: nobody });
  deepEqual(kept, background);
});
