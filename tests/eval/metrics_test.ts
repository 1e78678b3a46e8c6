import assert from "node:assert/strict";
import { foreground, maskIou, psnr, ssim } from "../../lib/eval/mod.ts";
import fixture from "../fixtures/eval/metrics.json" with { type: "json" };

const bytes = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const a = bytes(fixture.a);
const b = bytes(fixture.b);

Deno.test("psnr: equals torchmetrics", () => {
  assert.ok(Math.abs(psnr(a, b) - fixture.psnr) < 1e-4);
  assert.equal(psnr(a, a), Infinity);
});

Deno.test("psnr: a mask restricts it to the pixels that are set", () => {
  const other = a.slice();
  other[0] ^= 64;
  const mask = new Uint8Array(a.length / 3).fill(1);
  mask[0] = 0;
  assert.equal(psnr(a, other, mask), Infinity);
  assert.ok(psnr(a, other) < Infinity);
});

Deno.test("ssim: equals torchmetrics", () => {
  assert.ok(Math.abs(ssim(a, b, fixture) - fixture.ssim) < 1e-5);
});

Deno.test("maskIou: counts pixels in both over pixels in any", () => {
  assert.equal(maskIou(Uint8Array.of(1, 1, 0, 0), Uint8Array.of(0, 1, 1, 0)), 1 / 3);
});

Deno.test("foreground: a change of one channel by more than a tenth is foreground", () => {
  const background = new Uint8Array(9).fill(100);
  const frames = background.slice();
  frames[1] += 26;
  frames[4] += 25;
  assert.deepEqual([...foreground(frames, background)], [1, 0, 0]);
});

Deno.test("psnr: clips of different size are an error with both sizes", () => {
  assert.throws(() => psnr(a, a.subarray(3)), /cannot compare 2484 with 2481 bytes/);
});
