import { equal, match } from "node:assert/strict";
import { duration, TrainPace } from "../../cli/train/pace.ts";

Deno.test("TrainPace: rates of the steps since the last sum, and the time left", () => {
  const pace = new TrainPace();
  const step = { of: 100, ms: 200, loaderMs: 10, samples: 4, memory: 5e8, peakMemory: 2.5e9 };
  const rest = { loss: 1, gradientNorm: 1, learningRate: 1, skipped: 0 };
  for (const number of [1, 2]) pace.add({ ...step, ...rest, step: number });
  const first = pace.sum({ ...step, ...rest, step: 2 });
  equal(first.samplesPerSecond, 20);
  equal(first.loaderShare, 0.05);
  match(
    `${first.rates}  ${first.left}`,
    /^200 ms a step {2}20\.0 samples\/s {2}loader 5\.0 % {2}500 MB \(peak 2\.50 GB\) {2}\d+ s left$/,
  );
  pace.add({ ...step, ...rest, step: 3, loaderMs: 0, samples: 0 });
  const second = pace.sum({ ...step, ...rest, step: 3 });
  equal(second.loaderShare, 0);
  match(second.rates, /^200 ms a step {2}loader 0\.0 %/);
});

Deno.test("duration: seconds, minutes, hours and days as people say them", () => {
  const said = [0, 99, 100, 3600, 18_420, 200_000].map(duration);
  equal(said.join(), "0 s,99 s,2 min,60 min,5 h 07 min,2 d 7 h");
});
