import assert from "node:assert/strict";
import { frameMsSsim, FrameScorer, frameSsim } from "../../lib/eval/mod.ts";
import { liveTensors, ones, scope, type Tensor, tensor, toNumbers } from "../../lib/tensor/mod.ts";
import fixture from "../fixtures/eval/similarity.json" with { type: "json" };

const { frames, height, width } = fixture;

/** The formula of make_similarity.py. */
function picture(phase: number, noise: number): Float32Array {
  const values = new Float32Array(frames * 3 * height * width);
  let i = 0;
  for (let n = 0; n < frames; n++) {
    for (let c = 0; c < 3; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const smooth = 0.5 + 0.2 * Math.sin(0.07 * x + 0.5 * c + phase) +
            0.15 * Math.cos(0.05 * y - 0.3 * n * c);
          const rough = Math.sin(12.9898 * x + 78.233 * y + 37.719 * c + 5.1 * n);
          values[i++] = Math.min(1, Math.max(0, smooth + rough * noise * (n + 1)));
        }
      }
    }
  }
  return values;
}

const shape = [frames, 3, height, width];
const [a, b] = [picture(0, 0.02), picture(0.1, 0.06)];

function both(body: (a: Tensor, b: Tensor) => Tensor): number[] {
  return scope(() => toNumbers(body(tensor(a, { shape }), tensor(b, { shape }))));
}

function assertClose(found: readonly number[], wanted: readonly number[]): void {
  assert.equal(found.length, wanted.length);
  for (const [i, value] of found.entries()) {
    assert.ok(Math.abs(value - wanted[i]) < 1e-4, `${value} is not ${wanted[i]}`);
  }
}

Deno.test("frameSsim: with mirrored borders it equals torchmetrics", () => {
  assertClose(both((x, y) => frameSsim(x, y)), fixture.torchmetrics);
});

Deno.test("frameSsim: inside the borders it equals scikit-image", () => {
  assertClose(both((x, y) => frameSsim(x, y, "valid")), fixture.scikit_image);
});

Deno.test("frameMsSsim: equals torchmetrics", () => {
  assertClose(both((x, y) => frameMsSsim(x, y)), fixture.torchmetrics_ms);
});

Deno.test("frameMsSsim: frames without room for the coarsest window are refused", () => {
  scope(() => {
    const small = ones([1, 3, 175, 300]);
    assert.throws(() => frameMsSsim(small, small), /at least 176×176, found 300×175/);
    assert.throws(() => frameSsim(ones([1, 3, 10, 9]), ones([1, 3, 10, 9])), /found 9×10/);
  });
});

/** Grey frames with one pixel of another value. */
function grey(width: number, height: number, other: { at: number; value: number }): Uint8Array {
  const bytes = new Uint8Array(width * height * 3).fill(100);
  bytes.fill(other.value, other.at * 3, other.at * 3 + 3);
  return bytes;
}

Deno.test("FrameScorer: a mask counts its pixels only, and no tensor stays", () => {
  const size = { width: 12, height: 12, count: 1 };
  const [truth, result] = [
    grey(12, 12, { at: 0, value: 100 }),
    grey(12, 12, { at: 0, value: 151 }),
  ];
  const mask = new Uint8Array(truth.length);
  mask.fill(255, 3, 9);
  const scorer = new FrameScorer({ metrics: ["psnr", "ssim"] });
  const before = liveTensors();
  const outside = scorer.score({ ...size, result, truth, mask }).scores;
  assert.equal(outside.get("mask-psnr")![0], Infinity);
  assert.ok(Math.abs(outside.get("psnr")![0] - -10 * Math.log10((51 / 255) ** 2 / 144)) < 1e-4);
  mask.fill(255, 0, 3);
  const inside = scorer.score({ ...size, result, truth, mask }).scores;
  assert.ok(Math.abs(inside.get("mask-psnr")![0] - -10 * Math.log10((51 / 255) ** 2 / 3)) < 1e-4);
  assert.ok(inside.get("mask-ssim")![0] < inside.get("ssim")![0]);
  assert.deepEqual([...inside.keys()], ["psnr", "ssim", "mask-psnr", "mask-ssim"]);
  assert.equal(liveTensors(), before);
});

Deno.test("FrameScorer: equal frames have the highest scores there are", () => {
  const truth = grey(12, 12, { at: 7, value: 3 });
  const scorer = new FrameScorer({ metrics: ["psnr", "ssim"] });
  const { scores } = scorer.score({ width: 12, height: 12, count: 1, result: truth, truth });
  assert.deepEqual([...scores.values()].flat(), [Infinity, 1]);
});
