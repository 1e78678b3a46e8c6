// What one operator call costs: add of 2×2, its result freed, with and without a scope.
import { add, ones, scope } from "../lib/tensor/mod.ts";

const x = ones([2, 2]);

Deno.bench("add of 2×2, freed at once", () => {
  add(x, x).dispose();
});

Deno.bench("100 adds of 2×2 in a scope", () => {
  scope(() => {
    for (let i = 0; i < 100; i++) add(x, x);
  });
});
