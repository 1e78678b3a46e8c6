import { deepEqual } from "node:assert/strict";
import { coverRegion } from "../../lib/io/image.ts";

Deno.test("coverRegion: the middle of a picture, in the shape of what it is to cover", () => {
  const picture = { width: 1408, height: 768 };
  deepEqual(coverRegion(picture, { width: 128, height: 128 }), {
    ...{ x: 320, y: 0, width: 768, height: 768 },
  });
  deepEqual(coverRegion(picture, { width: 704, height: 384 }), { x: 0, y: 0, ...picture });
  deepEqual(coverRegion({ width: 100, height: 300 }, { width: 400, height: 200 }), {
    ...{ x: 0, y: 125, width: 100, height: 50 },
  });
});
