/**
 * Where a video's time goes: processor seconds of each stage of the demo's job with the shipped weights,
 * and the share of libtorch's longest operators in what its operators took.
 *
 * `OMP_NUM_THREADS=1 ./denow run -A --no-check bench/stages.ts [STEPS] [SAMPLER]`
 * @module
 */
import { cpuUsage } from "node:process";
import { type SamplerName, samplerNames } from "../lib/diffusion/mod.ts";
import { prepareDemo } from "../lib/demo/mod.ts";
import { findWeights, generate } from "../lib/pipelines/mod.ts";
import { Profile } from "../lib/tensor/mod.ts";

/** Operators that are named. */
const LONGEST = 6;

const [steps = "4", sampler = "dpm++2m"] = Deno.args;
if (!samplerNames.includes(sampler as SamplerName)) {
  console.error(`bench: no sampler "${sampler}", expected one of ${samplerNames.join(", ")}`);
  Deno.exit(2);
}

function worked(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
}

const seconds = new Map<string, number>();
let since = worked();

/** What was worked since the last call belongs to `stage`. */
function ended(stage: string): void {
  const now = worked();
  seconds.set(stage, (seconds.get(stage) ?? 0) + now - since);
  since = now;
}

const folder = await Deno.makeTempDir();
try {
  const { job } = await prepareDemo({ folder, weights: "small", person: 0, seed: 0 });
  ended("rendering the demo's scene");
  const given = { ...job, steps: Number(steps), sampler: sampler as SamplerName };
  const profile = new Profile();
  const stop = profile.start();
  await generate(given, await findWeights(given.weights), async ({ frames }) => {
    for await (const _ of frames) ended("decoding");
  }, {
    onScene: () => Promise.resolve(ended("reading pictures and motion")),
    // Each stage reports what it has done.
    onProgress: ({ stage }) => ended(stage),
  });
  stop();
  const { width, height, frames } = given;
  console.log(`${width}×${height}, ${frames} frames, ${steps} steps of ${sampler}`);
  for (const [stage, s] of seconds) {
    console.log(`${stage.padEnd(28)} ${s.toFixed(2).padStart(6)} s`);
  }
  const operators = profile.operators();
  const all = operators.reduce((sum, { ms }) => sum + ms, 0);
  for (const { op, calls, ms } of operators.slice(0, LONGEST)) {
    console.log(`${op.padEnd(28)} ${(100 * ms / all).toFixed(0).padStart(5)} %  ${calls} calls`);
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
Deno.exit(0);
