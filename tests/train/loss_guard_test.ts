import assert from "node:assert/strict";
import { Random } from "../../lib/geometry/mod.ts";
import { configChanges, LossGuard, trainSettings } from "../../lib/train/mod.ts";

const settings = trainSettings.parse({ steps: 1000, learningRate: 1e-3, spikeFactor: 8 });

/** A guard that has seen `count` losses around 1 with deviation 0.1. */
function seasoned(count: number): LossGuard {
  const guard = new LossGuard(settings);
  const random = new Random(5);
  for (let i = 0; i < count; i++) guard.judge(1 + 0.1 * random.normal(), [1]);
  return guard;
}

Deno.test("LossGuard: ordinary losses pass, one far above them is a spike", () => {
  const guard = seasoned(500);
  assert.equal(guard.skipped, 0);
  assert.equal(guard.judge(1.5, [1]), undefined);
  assert.equal(guard.judge(3, [1]), "spike");
  assert.equal(guard.judge(0.01, [1]), undefined);
});

Deno.test("LossGuard: spikes neither pass by repetition nor are they sought too early", () => {
  const guard = seasoned(200);
  for (let i = 1; i <= 20; i++) {
    assert.equal(guard.judge(5, [1]), "spike");
    assert.deepEqual([guard.inRow, guard.skipped], [i, i]);
  }
  guard.judge(1, [1]);
  assert.deepEqual([guard.inRow, guard.skipped], [0, 20]);
  assert.equal(seasoned(5).judge(5, [1]), undefined);
});

Deno.test("LossGuard: no finite loss or gradient is never good, also where spikes are not sought", () => {
  const guard = new LossGuard({ ...settings, spikeFactor: 0 });
  assert.equal(guard.judge(NaN, [1]), "not finite");
  assert.equal(guard.judge(1, [1, Infinity]), "not finite");
  assert.equal(guard.judge(1e9, [1]), undefined);
});

Deno.test("LossGuard: goes on from its state as if never stopped", () => {
  const [whole, resumed] = [seasoned(100), new LossGuard(settings)];
  resumed.restore(whole.state());
  for (const loss of [1.1, 1.7, 2, 0.9]) {
    assert.equal(resumed.judge(loss, [1]), whole.judge(loss, [1]));
  }
  assert.equal(resumed.state(), whole.state());
});

Deno.test("configChanges: names each value that differs, by its path", () => {
  const before = { steps: 10, model: { width: 64, gates: [1, 2] }, old: true };
  const after = { steps: 20, model: { width: 64, gates: [1, 3] }, fresh: "x" };
  assert.deepEqual(configChanges(before, after), [
    "steps 10 → 20",
    "model.gates [1,2] → [1,3]",
    "old true → nothing",
    'fresh nothing → "x"',
  ]);
  assert.deepEqual(configChanges(before, structuredClone(before)), []);
});
