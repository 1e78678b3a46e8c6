import assert from "node:assert/strict";
import { IsaDit, parseIsaDitConfig } from "../../../lib/models/isa_dit/mod.ts";
import { SwapBlock, swapTables } from "../../../lib/models/isa_dit/swap_attention.ts";
import {
  intoWindows,
  outOfWindows,
  type Size3,
  windowGrid,
  windowMask,
} from "../../../lib/models/isa_dit/token_windows.ts";
import { Rotary1d, Vars } from "../../../lib/nn/mod.ts";
import {
  liveTensors,
  narrow,
  noGrad,
  reshape,
  scope,
  type Tensor,
  toArray,
} from "../../../lib/tensor/mod.ts";
import {
  config,
  fillByName,
  inputs,
  largestDifference,
  waves,
} from "../../support/isa_dit_formula.ts";
import fixture from "../../fixtures/isa_dit/swap.json" with { type: "json" };

const swap = parseIsaDitConfig({ ...config, layers: 4, temporal: "swap", swapWindow: [2, 2, 2] });
const numbers = (x: Tensor) => toArray(x) as Float32Array;

function run(model: IsaDit): Float32Array {
  const { noisy, t, conditions } = inputs();
  return numbers(model.forward(noisy, t, model.encode(conditions)));
}

Deno.test("swap attention: equals a plain PyTorch implementation with a dense mask", () => {
  using vars = Vars.root();
  const model = new IsaDit(vars, swap);
  fillByName(vars, 2);
  const out = scope(() => noGrad(() => run(model)));
  assert.ok(largestDifference(out, fixture.output) < 5e-5);
});

Deno.test("swap attention: fresh parts beside given weights compute what the model without them computes", () => {
  const without = parseIsaDitConfig({ ...config, layers: 4 });
  using plainVars = Vars.root();
  const plain = new IsaDit(plainVars, without);
  fillByName(plainVars);
  using vars = Vars.root({ seed: 5 });
  const model = new IsaDit(vars, swap);
  assert.deepEqual(vars.load(plainVars.named(), { strict: false }).unexpected, []);
  scope(() => noGrad(() => assert.deepEqual(run(model), run(plain))));
});

const cases: [Size3, Size3][] = [
  [[3, 2, 3], [2, 2, 2]],
  [[1, 5, 4], [4, 8, 8]],
  [[5, 9, 8], [4, 4, 8]],
  [[4, 4, 4], [2, 2, 2]],
];

Deno.test("windows of tokens: cutting and joining gives the clip back, whatever divides", () => {
  for (const [size, window] of cases) {
    for (const shifted of [false, true]) {
      scope(() => {
        const clip = waves(3, 2, ...size, 3);
        const grid = windowGrid(size, window, shifted);
        const windows = intoWindows(clip, grid);
        assert.deepEqual(windows.shape, [2 * grid.count, grid.tokens, 3]);
        assert.deepEqual(numbers(outOfWindows(windows, grid)), numbers(clip));
      });
    }
  }
});

Deno.test("windows of tokens: the mask lets each place of the clip be read in one window alone", () => {
  for (const [size, window] of cases) {
    for (const shifted of [false, true]) {
      scope(() => {
        const grid = windowGrid(size, window, shifted);
        const mask = windowMask(grid, { device: "cpu" });
        const open = mask ? numbers(mask).filter((x) => x === 0).length : grid.count * grid.tokens;
        assert.equal(open, size.reduce((a, b) => a * b));
        const divides = size.every((n, i) => n % Math.min(n, window[i]) === 0);
        if (!shifted) assert.equal(mask === undefined, divides);
      });
    }
  }
});

/** A block with the formula's weights, on rows `from` and after of tokens of `size`. */
function block(
  index: number,
  { size: [T, h, w], window, from = 0 }: { size: Size3; window: Size3; from?: number },
): Float32Array {
  using vars = Vars.root();
  const made = new SwapBlock(vars, 12, { heads: 2, index });
  fillByName(vars, 2);
  return scope(() =>
    noGrad(() => {
      const [spatial, temporal] = [1, 2].map((seed) => {
        const rows = narrow(waves(seed, 1, T, h, w, 12), 2, from, h - from);
        return reshape(rows, [1, T, (h - from) * w, 12]);
      });
      return numbers(made.forward({ spatial, temporal }, {
        tables: swapTables([T, h - from, w], window, { device: "cpu" }),
        shared: waves(5, 1, 3, 12),
        rotary: new Rotary1d(6).table(T),
      }));
    })
  );
}

Deno.test("swap attention: what hangs over the edge counts nothing: the last rows compute as if alone", () => {
  const at = { size: [1, 5, 3] as Size3, window: [4, 3, 8] as Size3 };
  const whole = block(0, at);
  // Rows 3 and 4 share a window whose third row is beyond the clip.
  assert.ok(largestDifference(whole.subarray(3 * 3 * 12), block(0, { ...at, from: 3 })) < 1e-5);
  // Shifted, rows 2 to 4 are a window of their own.
  const shifted = block(2, at);
  assert.ok(largestDifference(shifted.subarray(2 * 3 * 12), block(0, { ...at, from: 2 })) < 1e-5);
  assert.ok(largestDifference(shifted, whole) > 1e-3);
});

Deno.test("swap attention: even layers ask from the temporal branch, odd ones from the spatial", () => {
  const at = { size: [2, 2, 2] as Size3, window: [1, 1, 1] as Size3 };
  // Alone in its window a token reads one value, whoever asks: the answer is the asked one's value.
  assert.ok(largestDifference(block(0, at), block(1, at)) > 1e-3);
  assert.deepEqual(block(0, at), block(2, at));
});

Deno.test("swap attention: leaves no tensor behind", () => {
  const before = liveTensors();
  using vars = Vars.root();
  const model = new IsaDit(vars, swap);
  scope(() => noGrad(() => void run(model)));
  vars.dispose();
  assert.equal(liveTensors(), before);
});
