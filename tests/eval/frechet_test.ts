import assert from "node:assert/strict";
import { FeatureStatistics, frechetDistance } from "../../lib/eval/mod.ts";
import { liveTensors } from "../../lib/tensor/mod.ts";
import cases from "../fixtures/eval/frechet.json" with { type: "json" };

function statistics(values: readonly number[], dimensions: number): FeatureStatistics {
  const found = new FeatureStatistics(dimensions);
  const half = Math.floor(values.length / dimensions / 2) * dimensions;
  found.add(values.slice(0, half));
  found.add(values.slice(half));
  return found;
}

Deno.test("frechetDistance: equals scipy's matrix root, singular covariances too", () => {
  const before = liveTensors();
  for (const { a, b, dimensions, distance } of cases) {
    const found = frechetDistance(statistics(a, dimensions), statistics(b, dimensions));
    assert.ok(Math.abs(found - distance) < 1e-4 * Math.max(1, distance), `${found} ${distance}`);
  }
  assert.equal(liveTensors(), before);
});

Deno.test("frechetDistance: a set has none to itself, and a shift counts by its square", () => {
  const { a, dimensions } = cases[0];
  const shifted = a.map((value) => value + 3);
  assert.ok(frechetDistance(statistics(a, dimensions), statistics(a, dimensions)) < 1e-9);
  const distance = frechetDistance(statistics(a, dimensions), statistics(shifted, dimensions));
  assert.ok(Math.abs(distance - 9 * dimensions) < 1e-6);
});

Deno.test("frechetDistance: too few samples, unequal features and no numbers are refused", () => {
  const one = new FeatureStatistics(2);
  one.add([1, 2]);
  assert.throws(() => frechetDistance(one, one), /at least 2 samples a set, found 1/);
  assert.throws(() => frechetDistance(one, new FeatureStatistics(3)), /of 2 and of 3 numbers/);
  assert.throws(() => one.add([NaN, 0]), /no number/);
});
