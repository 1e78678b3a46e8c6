import { equal } from "node:assert/strict";
import { microBatchSeed, sampleSeed } from "../../lib/train/settings.ts";

Deno.test("microBatchSeed: no two micro-batches of a run have one, however many make a step", () => {
  for (const accumulate of [1, 3, 100]) {
    for (const seed of [0, 7, Number.MAX_SAFE_INTEGER]) {
      const seeds = new Set<number>();
      for (let step = 0; step < 200; step++) {
        for (let micro = 0; micro < accumulate; micro++) {
          const own = microBatchSeed({ seed, accumulate }, { step, micro });
          // What a stream is made of: its low 32 bits.
          seeds.add(own >>> 0);
        }
      }
      equal(seeds.size, 200 * accumulate, `seed ${seed}, ${accumulate} a step`);
    }
  }
});

Deno.test("sampleSeed: samples of neighbouring micro-batches have seeds of their own", () => {
  const seeds = new Set<number>();
  for (let step = 0; step < 50; step++) {
    const micro = microBatchSeed({ seed: 1, accumulate: 1 }, { step, micro: 0 });
    for (let index = 0; index < 50; index++) seeds.add(sampleSeed(micro, index));
  }
  equal(seeds.size, 2500);
});
