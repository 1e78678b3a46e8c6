/**
 * What isa4d's own kernels gain: cases of the bench with them and with libtorch's operators alone, in
 * turns in one process, by processor time.
 *
 * `OMP_NUM_THREADS=1 ./denow run -A --no-check bench/fused.ts [rounds] [names…]`
 * @module
 */
import { cpuUsage } from "node:process";
import { unfused } from "../lib/nn/mod.ts";
import { setThreads } from "../lib/tensor/mod.ts";
import type { Loaded } from "./cases/case.ts";
import { benchCases } from "./cases/mod.ts";
import { ratiosOf, spreadOf } from "./support/statistics.ts";

const [rounds = "7", ...names] = Deno.args;
const wanted = names.length > 0 ? names : [
  ...["dit-forward", "dit-forward-bf16", "train-dit", "train-vae"],
  ...["vae-encode-small-full", "vae-decode-small-full", "vae-encode-sd3", "vae-decode-sd3"],
];

function processorMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

/** Processor time of one run. */
async function once(loaded: Loaded): Promise<number> {
  let [asked, started, ms] = [false, 0, 0];
  await loaded.serve({
    next() {
      if (asked) return false;
      asked = true;
      started = processorMs();
      return true;
    },
    done: () => ms = processorMs() - started,
  });
  return ms;
}

setThreads(1);
console.log("case                     fused ms  plain ms  fused ÷ plain (quartiles)");
for (const name of wanted) {
  const one = benchCases.find((each) => each.name === name);
  if (!one) {
    console.error(`bench: no case "${name}"`);
    Deno.exit(2);
  }
  const folder = await Deno.makeTempDir();
  try {
    await one.make(folder, false);
    const [own, other] = [await one.load(folder), await one.load(folder)];
    const [fused, plain]: number[][] = [[], []];
    for (let i = 0; i <= Number(rounds); i++) {
      const times = [await once(own), await unfused(() => once(other))];
      if (i === 0) continue; // warms both
      fused.push(times[0]);
      plain.push(times[1]);
    }
    const { median, quartiles: [low, high] } = spreadOf(ratiosOf(fused, plain));
    const ms = [fused, plain].map((x) => spreadOf(x).median.toFixed(0).padStart(9)).join(" ");
    const spread = `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
    console.log(`${name.padEnd(23)} ${ms}  ${spread}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
Deno.exit(0);
