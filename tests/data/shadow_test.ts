import assert from "node:assert/strict";
import { readBody } from "../../lib/data/mod.ts";
import { builtinMotion, lookAt, motionFrame, Random } from "../../lib/geometry/mod.ts";
import { drawOutfit } from "../../lib/data/synth/outfit.ts";
import { dressedFigure } from "../../lib/data/synth/figure.ts";
import { Painter } from "../../lib/data/synth/picture.ts";
import { drawScene } from "../../lib/data/synth/scene.ts";

const size = { width: 64, height: 64 };

Deno.test("shadow: no channel of the floor darkens by more than 0.08", async () => {
  const body = await readBody();
  const figure = dressedFigure(body, drawOutfit(new Random(3)));
  const motion = builtinMotion("walk", { frames: 1, fps: 8, body, shape: figure.shape });
  const posed = figure.pose(motionFrame(motion, 0));
  // The camera sees floor only: the person is left out by looking past the feet.
  const camera = lookAt([0, 3, 4], [0, 0, 1.2], { ...size, fovYDegrees: 40 });
  let darkened = 0;
  for (let seed = 0; seed < 6; seed++) {
    const free = { min: [-1, -1], max: [1, 5], height: 3 } as const;
    const scene = drawScene(new Random(seed), free);
    const into = {
      frame: new Uint8Array(64 * 64 * 3),
      background: new Uint8Array(64 * 64 * 3),
      mask: new Uint8Array(64 * 64),
    };
    new Painter(size).paint([{ figure, posed, centre: [0, 1, 0] }], { scene, camera }, into);
    for (let at = 0; at < into.frame.length; at++) {
      if (at < 3 * 64 * 24) continue; // above are legs
      const change = into.background[at] - into.frame[at];
      if (into.mask[Math.floor(at / 3)]) continue;
      assert.ok(change >= 0 && change <= 0.08 * 255, `darkened by ${change / 255}`);
      if (change > 0) darkened++;
    }
  }
  assert.ok(darkened > 0, "no shadow at all");
});
