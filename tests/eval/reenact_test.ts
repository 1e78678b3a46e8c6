import { deepEqual, equal, ok } from "node:assert/strict";
import { coverMask, coverPoints } from "../../lib/eval/reenact/cover.ts";
import { shareFound } from "../../lib/eval/reenact/made_persons.ts";

Deno.test("coverMask, coverPoints: as pictures that are scaled and cut to cover another size", () => {
  const data = Uint8Array.from({ length: 8 * 4 }, (_, i) => i % 8 < 4 ? 255 : 0);
  const half = coverMask({ width: 8, height: 4, data }, { width: 4, height: 2 });
  deepEqual([...half], [255, 255, 0, 0, 255, 255, 0, 0]);
  // The middle half of the columns, twice as large.
  const cut = coverMask({ width: 8, height: 4, data }, { width: 4, height: 4 });
  deepEqual([...cut.subarray(0, 4)], [255, 255, 0, 0]);
  const from = { width: 8, height: 4 };
  const points = coverPoints(Float32Array.of(4, 2, 9, 2, 0, 9), {
    from,
    to: { width: 8, height: 8 },
  });
  deepEqual([...points], [4, 4, 0, 0]);
});

Deno.test("shareFound: of the person found who fits best, among landmarks that are sure", () => {
  const truth = { uv: Float32Array.of(10, 10, 20, 20, 30, 30), sure: Float32Array.of(1, 0.9, 0.2) };
  const found = (...image: number[]) => ({
    body: {
      image: Float32Array.from(image),
      world: new Float32Array(),
      visibility: new Float32Array(),
      presence: new Float32Array(),
    },
  });
  equal(shareFound(truth, [], 2)[0], 0);
  equal(
    shareFound(
      truth,
      [found(90, 9, 0, 90, 9, 0, 30, 30, 0), found(11, 10, 0, 50, 20, 0, 0, 0, 0)],
      2,
    )[0],
    0.5,
  );
  equal(shareFound({ ...truth, sure: new Float32Array(3) }, [], 2).length, 0);
  ok(shareFound(truth, [found(10, 10, 0, 20, 20, 0, 0, 0, 0)], 2)[0] === 1);
});
