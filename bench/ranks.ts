/**
 * How much of the gradients' exchange hides behind the backward pass: two processes with a thread each,
 * whose buckets set out as they fill, beside the same buckets sent when the pass has ended.
 *
 * `deno run -A bench/ranks.ts` prints medians of nine interleaved steps.
 * @module
 */
import { fileURLToPath } from "node:url";
import {
  type BucketPlan,
  grad,
  GradientBuckets,
  matmul,
  mean,
  mul,
  ProcessGroup,
  randn,
  relu,
  scope,
  setThreads,
  type Tensor,
} from "../lib/tensor/mod.ts";

const LAYERS = 24;
const WIDTH = 640; // 9.8 million parameters, 39 MB of gradients
const ROWS = 384;
const LAYERS_A_BUCKET = 2;
const RUNS = 9;

type Mode = "none" | "overlapped" | "after";

if (Deno.args.length > 0) rank(Number(Deno.args[0]), Number(Deno.args[1]));
else await launch();

async function launch(): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await Promise.all([0, 1].map((rank) =>
    new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        fileURLToPath(import.meta.url),
        String(rank),
        String(port),
      ],
      env: { OMP_NUM_THREADS: "1" },
    }).spawn().status
  ));
}

function rank(rank: number, port: number): void {
  setThreads(1);
  using group = new ProcessGroup({ address: "127.0.0.1", port, rank, world: 2 });
  const weights = Array.from(
    { length: LAYERS },
    () => mul(randn([WIDTH, WIDTH]), 1 / Math.sqrt(WIDTH)).setRequiresGrad(true),
  );
  const plan: BucketPlan[] = [];
  for (let end = LAYERS; end > 0; end -= LAYERS_A_BUCKET) {
    const parameters = weights.slice(end - LAYERS_A_BUCKET, end).reverse();
    plan.push({ parameters, owner: plan.length % 2 });
  }
  const buckets = new GradientBuckets(group, plan);
  const step = (mode: Mode) => timedStep(buckets, weights, mode);
  const modes = ["none", "overlapped", "after"] as const;
  const times: Record<Mode, [number, number][]> = { none: [], overlapped: [], after: [] };
  step("overlapped"); // learns how many gradients to expect
  for (let run = 0; run < RUNS; run++) {
    for (const mode of modes) {
      group.sum([0]); // both begin together
      times[mode].push(step(mode));
    }
  }
  for (const mode of rank === 0 ? modes : []) {
    const [total, wait] = [0, 1].map((i) => median(times[mode].map((time) => time[i])));
    console.log(
      `${mode.padEnd(10)} step ${total.toFixed(0)} ms, of it waiting ${wait.toFixed(0)} ms`,
    );
  }
  buckets.dispose();
}

/** Milliseconds of a step, and of its end in which nothing is left but to wait. */
function timedStep(
  buckets: GradientBuckets,
  weights: readonly Tensor[],
  mode: Mode,
): [number, number] {
  return scope(() => {
    const began = performance.now();
    let h = randn([ROWS, WIDTH]);
    for (const weight of weights) h = relu(matmul(h, weight));
    const loss = mean(mul(h, h));
    buckets.clear();
    buckets.pass(() => grad([loss], weights), { last: mode === "overlapped" });
    if (mode === "after") buckets.pass(() => {}, { last: true });
    const computed = performance.now();
    if (mode !== "none") buckets.arrive();
    const ended = performance.now();
    return [ended - began, ended - computed];
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
