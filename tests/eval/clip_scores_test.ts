import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import {
  ContentHash,
  type FeatureNet,
  type FrameBatch,
  type FrameScorer,
  type HeldOutClip,
  meanColour,
  ownMotionWins,
  scoreFrames,
  SetTable,
} from "../../lib/eval/mod.ts";
import { item, liveTensors, mean, scope, type Tensor } from "../../lib/tensor/mod.ts";

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

/** A held-out clip whose person stands at column `x`. */
function clip(x: number): HeldOutClip {
  const { frames, mask } = square(x);
  return { width, height, truth: frames, truthMask: mask, background };
}

Deno.test("scoreFrames: a perfect output has IoU 1, a background none", () => {
  const [perfect, aside] = [5, 0].map((x) => scoreFrames(square(x).frames, clip(5)));
  equal(perfect.iou, 1);
  equal(scoreFrames(background, clip(5)).iou, 0);
  ok(aside.psnr < perfect.psnr);
  ok(aside.iou < 1);
});

Deno.test("SetTable: means of each row, null where there is no number", () => {
  const table = new SetTable();
  for (const x of [5, 11]) table.add("five", square(5).frames, clip(x));
  table.add("perfect", square(5).frames, clip(5));
  const { psnr, iou, ...others } = table.scores("five");
  equal(iou, 0.5);
  equal(psnr, null);
  deepEqual(Object.keys(others), ["personPsnr", "ssim"]);
  equal(table.scores("perfect").ssim, 1);
});

Deno.test("SetTable: means over the frames of a network's scores, and distances of whole sets", () => {
  const side = 16;
  const half = { ...clip(5), width: side, height: side };
  const frames = (value: number): Uint8Array => new Uint8Array(side * side * 3 * 9).fill(value);
  const truthMask = new Uint8Array(side * side * 9);
  const there = (value: number): HeldOutClip => ({
    ...half,
    truth: frames(value),
    truthMask,
    background: frames(0),
  });
  // A "network" whose feature is the brightness, and a score that is the difference of brightness.
  const brightness = (x: Uint8Array) => x.reduce((sum, v) => sum + v, 0) / x.length;
  const score = ({ count, result, truth }: FrameBatch) => ({
    scores: new Map([["spd", Array(count).fill(brightness(result) - brightness(truth))]]),
  });
  const net = {
    ...{ distance: "FSVD", description: "brightness", dimensions: 1, frames: 1 },
    features: (x: Tensor) => Float32Array.of(255 * item(mean(x))),
    dispose: () => {},
  } satisfies FeatureNet;
  const before = liveTensors();
  const perceptual = { score } as unknown as FrameScorer;
  scope(() => {
    const table = new SetTable({ perceptual, features: [net] });
    for (const value of [100, 120]) {
      const clip = there(value);
      table.addTruth(clip);
      table.add("three brighter", frames(value + 3), clip);
    }
    const { spd, fsvd } = table.scores("three brighter");
    ok(Math.abs(spd! - 3) < 1e-6, `${spd}`);
    ok(Math.abs(fsvd! - 9) < 1e-2, `${fsvd}`);
  });
  equal(liveTensors(), before);
});

Deno.test("ownMotionWins: counts outputs that match their own truth best", () => {
  const wins = (...pairs: [truthAt: number, foundAt: number][]) =>
    ownMotionWins(pairs.map(([truthAt, foundAt]) => ({
      found: square(foundAt).mask,
      truthMask: square(truthAt).mask,
    })));
  equal(wins([1, 1], [6, 6], [11, 11]), 3);
  equal(wins([1, 6], [6, 6], [11, 11]), 2);
});

Deno.test("ContentHash: equal content gives equal hashes, in whatever order its keys are", () => {
  const hashOf = (...values: unknown[]): string => {
    const hash = new ContentHash();
    for (const value of values) hash.add(value);
    return hash.digest();
  };
  const bytes = Uint8Array.of(1, 2, 3);
  equal(hashOf({ a: 1, b: bytes }), hashOf({ b: bytes.slice(), a: 1 }));
  notEqual(hashOf({ a: 1, b: bytes }), hashOf({ a: 1, b: bytes.with(2, 4) }));
  notEqual(hashOf([1, 2], [3]), hashOf([1], [2, 3]));
  notEqual(hashOf("1"), hashOf(1));
});

Deno.test("meanColour: looks only at the mask", () => {
  const { frames, mask } = square(3);
  deepEqual(meanColour(frames, mask), [200, 200, 200]);
});
