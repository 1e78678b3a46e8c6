import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { latentWindows, sampleFlow } from "../../lib/diffusion/mod.ts";
import { liveTensors, neg, tensor, toNumbers } from "../../lib/tensor/mod.ts";

Deno.test("windows: alike in length, they cover the clip and their weights sum to one everywhere", () => {
  for (const [T, length, overlap] of [[6, 5, 2], [10, 5, 2], [257, 9, 2], [33, 9, 8], [9, 4, 0]]) {
    const windows = latentWindows(T, { length, overlap });
    const sums = new Float64Array(T);
    for (const { start, length, weights } of windows) {
      equal(weights.length, length);
      ok(weights.every((w) => w > 0 && w <= 1));
      weights.forEach((w, k) => sums[start + k] += w);
    }
    ok(windows.every((window) => window.length === length));
    ok(sums.every((sum) => Math.abs(sum - 1) < 1e-6), `${T}: ${sums}`);
    deepEqual([windows[0].start, windows.at(-1)!.start + length], [0, T]);
    const least = windows.slice(1).map((w, i) => windows[i].start + length - w.start);
    ok(least.every((shared) => shared >= overlap));
  }
});

Deno.test("windows: within an overlap one fades out as the next fades in", () => {
  const [first, second] = latentWindows(8, { length: 5, overlap: 2 });
  const near = (found: Float32Array, wanted: number[]) =>
    found.forEach((value, i) => ok(Math.abs(value - wanted[i]) < 1e-6));
  near(first.weights, [1, 1, 1, 2 / 3, 1 / 3]);
  near(second.weights, [1 / 3, 2 / 3, 1, 1, 1]);
});

Deno.test("windows: a clip no longer than one is a single one; those that cannot move on are refused", () => {
  deepEqual(latentWindows(3, { length: 5, overlap: 2 }).map((w) => [w.start, w.length]), [[0, 3]]);
  throws(() => latentWindows(9, { length: 3, overlap: 3 }), /windows of 3 .* cannot share 3/);
});

Deno.test("sampleFlow: a flow that is promised goes where the same flow at once goes, nothing leaks", async () => {
  const live = liveTensors();
  for (const sampler of ["euler", "heun", "dpm++2m", "unipc"] as const) {
    using noise = tensor([[1, -2]], { dtype: "float64" });
    using now = await sampleFlow(noise, (x) => neg(x), { steps: 5, sampler });
    using later = await sampleFlow(noise, async (x) => {
      await Promise.resolve();
      return neg(x);
    }, { steps: 5, sampler });
    deepEqual(toNumbers(later), toNumbers(now));
  }
  equal(liveTensors(), live);
});
