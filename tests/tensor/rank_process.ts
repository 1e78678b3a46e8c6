/**
 * One of two ranks, for collectives_test.ts: `port rank what`. Prints what it found as a JSON line.
 * @module
 */
import {
  grad,
  GradientBuckets,
  liveTensors,
  matmul,
  mul,
  ones,
  ProcessGroup,
  scope,
  sum,
  tensor,
  toNumbers,
  zeros,
} from "../../lib/tensor/mod.ts";

const [port, rank] = Deno.args.map(Number);
const group = join();

const actions: Record<string, () => Promise<unknown>> = {
  operations: async () => {
    const before = liveTensors();
    const found = scope(() => {
      const mine = tensor([rank + 1, 10 * rank]);
      const [most, first, all] = [tensor([rank, -rank]), tensor([rank + 5]), zeros([4])];
      group.allReduce(most, { op: "max" }).wait();
      group.broadcast(first, 1).wait();
      group.allGather(all, mine).wait();
      group.reduce(mine, 1).wait();
      return { most, first, all, ...rank === 1 && { sum: mine } };
    });
    const numbers = Object.entries(found).map(([name, x]) => [name, x && toNumbers(x as never)]);
    for (const x of Object.values(found)) x && x.dispose();
    await group.barrier();
    return {
      ...Object.fromEntries(numbers),
      total: group.sum([rank, 0.5]),
      left: liveTensors() - before,
    };
  },
  buckets: () => {
    const before = liveTensors();
    const steps = scope(() => {
      const [a, b, c, unused] = [[2, 2], [3], [], [1]].map((shape) =>
        ones(shape).setRequiresGrad(true)
      );
      const plan = [
        { parameters: [c, b], owner: 1 },
        { parameters: [unused, a], owner: 0 },
      ];
      const buckets = new GradientBuckets(group, plan);
      const found = [0, 1, 2].map((step) => {
        buckets.clear();
        for (const last of [false, true]) {
          const loss = () => mul(mul(sum(a), sum(b)), mul(c, rank + 1 + step));
          buckets.pass(() => grad([loss()], [a, b, c, unused], { allowUnused: true }), { last });
        }
        const used = buckets.arrive();
        buckets.share();
        return { used, parts: buckets.parts.map(toNumbers) };
      });
      buckets.dispose();
      return found;
    });
    return Promise.resolve({ steps, left: liveTensors() - before });
  },
  /** Rank 1 ends in one of several ways; what does rank 0 hear of it? */
  fail: () => {
    if (rank === 1) {
      group.fail('cannot read "clips"');
      Deno.exit(1);
    }
    return heard();
  },
  kill: () => {
    if (rank === 1) Deno.kill(Deno.pid, "SIGKILL");
    return heard();
  },
  hang: () => {
    while (rank === 1) { /* for ever */ }
    return heard();
  },
  /** Rank 1 is in one call for longer than it may do nothing. */
  longCall: () => {
    if (rank === 1) {
      for (let side = 500; product(side) < 3000;) side = Math.round(1.3 * side);
    }
    return Promise.resolve({ total: group.sum([rank + 1]) });
  },
  killFirst: () => {
    if (rank === 0) Deno.kill(Deno.pid, "SIGKILL");
    return heard();
  },
};

/** Milliseconds that one product takes. */
function product(side: number): number {
  return scope(() => {
    const x = ones([side, side]);
    const began = performance.now();
    matmul(x, x);
    return performance.now() - began;
  });
}

function join(): ProcessGroup {
  const limits = { silenceSeconds: 2, stuckSeconds: 2 };
  try {
    return new ProcessGroup({ address: "127.0.0.1", port, rank, world: 2, ...limits });
  } catch (error) {
    // The other one may be gone before this one is through.
    console.log(JSON.stringify({ heard: (error as Error).message }));
    Deno.exit(0);
  }
}

async function heard(): Promise<unknown> {
  try {
    await new Promise((resolve) => setTimeout(resolve, 300));
    group.sum([1]);
    return { heard: "nothing" };
  } catch (error) {
    return { heard: (error as Error).message };
  }
}

const found = await actions[Deno.args[2]]();
console.log(JSON.stringify(found));
if (JSON.stringify(found).includes("heard")) Deno.exit(0); // not in order: the other rank is gone
group.dispose();
