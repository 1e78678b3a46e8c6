import assert from "node:assert/strict";
import { meanColour, meanScores, ownMotionWins, scoreClip } from "../../lib/eval/mod.ts";

const [width, height] = [16, 12];

/** A grey clip of one frame with a bright square that begins at column `x`. */
function square(x: number): { frames: Uint8Array; mask: Uint8Array } {
  const mask = new Uint8Array(width * height);
  for (let v = 3; v < 9; v++) mask.fill(255, v * width + x, v * width + x + 4);
  const frames = Uint8Array.from(
    { length: mask.length * 3 },
    (_, i) => mask[Math.floor(i / 3)] ? 200 : 100,
  );
  return { frames, mask };
}

const background = new Uint8Array(width * height * 3).fill(100);

function clip(truthAt: number, outputAt: number) {
  const { frames, mask } = square(truthAt);
  return {
    width,
    height,
    truth: frames,
    truthMask: mask,
    background,
    output: square(outputAt).frames,
    reference: square(0).frames,
    reconstruction: frames,
  };
}

Deno.test("scoreClip: a perfect output has IoU 1, a background none", () => {
  const scores = scoreClip(clip(5, 5));
  assert.equal(scores.output.iou, 1);
  assert.equal(scores.background.iou, 0);
  assert.ok(scores.reference.psnr < scores.output.psnr);
  assert.ok(scores.reference.iou < 1);
});

Deno.test("meanScores: averages each row", () => {
  const mean = meanScores([scoreClip(clip(5, 5)), scoreClip(clip(5, 11))]);
  assert.equal(mean.output.iou, 0.5);
});

Deno.test("ownMotionWins: counts outputs that match their own truth best", () => {
  assert.equal(ownMotionWins([clip(1, 1), clip(6, 6), clip(11, 11)]), 3);
  assert.equal(ownMotionWins([clip(1, 6), clip(6, 6), clip(11, 11)]), 2);
});

Deno.test("meanColour: looks only at the mask", () => {
  const { frames, mask } = square(3);
  assert.deepEqual(meanColour(frames, mask), [200, 200, 200]);
});
