/**
 * `./denow run -A bench/speed.ts [PERSONS]`: what the speed switches save and what they cost, against
 * 30 uncached Euler steps of the same seed, on held-out people with the shipped weights. Prints one
 * JSON record a setting: processor time of the whole generation relative to the uncached one, PSNR to
 * its video, and on the person's pixels alone.
 * @module
 */
import { cpuUsage } from "node:process";
import type { Job } from "../lib/pipelines/job/mod.ts";
import { personMap } from "./measures/person_colours.ts";
import { findWeights, generate } from "../lib/pipelines/mod.ts";
import { prepareDemo } from "../lib/demo/mod.ts";

const settings: Partial<Job>[] = [
  ...[2, 3, 5].map((cfgEvery) => ({ cfgEvery })),
  ...[0.05, 0.1, 0.2].map((blockCache) => ({ blockCache })),
  { cfgEvery: 3, blockCache: 0.1 },
  { cfgInterval: [0.3, 0.9] },
  { steps: 15 },
  { steps: 8 },
  { steps: 15, sampler: "unipc" },
  { steps: 8, sampler: "unipc" },
  { steps: 15, sampler: "dpm++2m" },
  { steps: 8, sampler: "dpm++2m" },
  { steps: 8, sampler: "unipc", cfgEvery: 2 },
  { dtype: "bfloat16" },
];

const folder = await Deno.makeTempDir();
const sums = settings.map(() => ({ time: 0, all: 0, person: 0 }));
const persons = Number(Deno.args[0] ?? 3);
try {
  for (let person = 0; person < persons; person++) {
    const { job, scene } = await prepareDemo({ folder, weights: "small", person, seed: 0 });
    const map = scene.cameras.flatMap((_, frame) => [...personMap(scene, frame)]);
    const plain = await made({ ...job, steps: 30 });
    for (const [i, setting] of settings.entries()) {
      const other = await made({ ...job, steps: 30, ...setting });
      sums[i].time += other.seconds / plain.seconds / persons;
      sums[i].all += psnr(other.pixels, plain.pixels) / persons;
      sums[i].person += psnr(other.pixels, plain.pixels, map) / persons;
    }
    console.error(`person ${person}: ${plain.seconds.toFixed(1)} s uncached`);
  }
  for (const [i, setting] of settings.entries()) {
    console.log(JSON.stringify({ setting, persons, ...sums[i] }));
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}

async function made(job: Job): Promise<{ pixels: Uint8Array; seconds: number }> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const weights = await findWeights(job.weights);
  const before = cpuUsage();
  await generate(job, weights, async ({ frames }) => {
    for await (const picture of frames) parts.push(picture.slice());
  });
  const seconds = cpuUsage(before).user / 1e6;
  return { pixels: await new Blob(parts).bytes(), seconds };
}

function psnr(a: Uint8Array, b: Uint8Array, map?: readonly number[]): number {
  let [square, count] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    if (map && map[Math.floor(i / 3)] < 0) continue;
    square += (a[i] - b[i]) ** 2;
    count++;
  }
  return 10 * Math.log10(255 ** 2 * count / square);
}
