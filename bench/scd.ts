/**
 * What SCD's cache saves: a guided sampling step of the small model that reads the reference's keys and
 * values beside one that goes through stage one again, in turns in one process.
 *
 * `./denow run -A bench/scd.ts [--runs 15] [--side 128] [--threads 1]`
 * @module
 */
import { cpuUsage } from "node:process";
import { parseArgs } from "node:util";
import { IsaDit, isaDitPresets, startFrom } from "../lib/models/isa_dit/mod.ts";
import { openState } from "../lib/models/state/mod.ts";
import { Vars } from "../lib/nn/mod.ts";
import { findWeights } from "../lib/pipelines/mod.ts";
import {
  generator,
  noGrad,
  rand,
  randn,
  scope,
  setThreads,
  type Tensor,
  toArray,
} from "../lib/tensor/mod.ts";
import { openGates } from "./cases/case.ts";
import { randomConditions } from "./cases/dit.ts";
import { largestDifference, ratiosOf, spreadOf } from "./support/statistics.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "15" },
    side: { type: "string", default: "128" },
    threads: { type: "string", default: "1" },
  },
});
const WARM_UP = 3;

function timed(step: () => Tensor): { ms: number; output: Float32Array } {
  // The process's own time: what else the machine does is not counted.
  const before = cpuUsage();
  using output = step();
  const { user, system } = cpuUsage(before);
  return { ms: (user + system) / 1000, output: toArray(output) as Float32Array };
}

/** CPU milliseconds of `runs` steps with the cache and without, for latents of `T` frames. */
function compare(model: IsaDit, T: number, side: number) {
  using random = generator(3, "cpu");
  const size = { B: 2, T, h: side / 8, w: side / 8 };
  const conditions = randomConditions(model.config, size, random);
  const noisy = randn(conditions.background.shape, { generator: random });
  const t = rand([size.B], { generator: random });
  const encoded = model.encode(conditions);
  const cached = () => scope(() => model.forward(noisy, t, encoded));
  const anew = () =>
    scope(() => {
      const reference = model.added.scd!.extract(model, conditions);
      return model.forward(noisy, t, { ...encoded, reference });
    });
  const ms: [number[], number[]] = [[], []];
  for (let run = -WARM_UP; run < Number(values.runs); run++) {
    const order = run % 2 === 0 ? [0, 1] : [1, 0];
    const outputs: Float32Array[] = [];
    for (const which of order) {
      const { ms: took, output } = timed([cached, anew][which]);
      if (run >= 0) ms[which].push(took);
      outputs[which] = output;
    }
    const difference = largestDifference(outputs[0], outputs[1]);
    if (difference > 1e-5) throw new Error(`the cache changes the flow by ${difference}`);
  }
  return ms;
}

setThreads(Number(values.threads));
using vars = Vars.root({ seed: 1 });
const model = new IsaDit(vars, isaDitPresets["small-scd"]);
startFrom(vars, model.config, (await openState((await findWeights("small")).isaDit)).tensors);
{
  using random = generator(2, "cpu");
  openGates(vars, random);
}
vars.setRequiresGrad(false);
console.log(`frames  cached ms  anew ms  anew/cached (quartiles)   ${values.side}×${values.side}`);
for (const T of [1, 5]) {
  const [cached, anew] = scope(() => noGrad(() => compare(model, T, Number(values.side))));
  const ratio = spreadOf(ratiosOf(anew, cached));
  const [low, high] = ratio.quartiles.map((value) => value.toFixed(3));
  console.log(
    [
      String(4 * T - 3).padStart(6),
      spreadOf(cached).median.toFixed(1).padStart(10),
      spreadOf(anew).median.toFixed(1).padStart(8),
      `${ratio.median.toFixed(3)} (${low} … ${high})`,
    ].join(" "),
  );
}
