import { deepEqual, equal, ok } from "node:assert/strict";
import { benchCases } from "../../bench/cases/mod.ts";
import { measure } from "../../bench/support/measure.ts";
import { whyNoPython } from "../../bench/support/python.ts";
import { lines, rowsOf } from "../../bench/support/report.ts";
import { largestDifference, ratiosOf, spreadOf } from "../../bench/support/statistics.ts";

const noPython = await whyNoPython();

Deno.test("bench: the spread of a sample, and ratios round by round", () => {
  deepEqual(spreadOf([4, 1, 3, 2, 5]), { min: 1, median: 3, max: 5, quartiles: [2, 4] });
  deepEqual(spreadOf([1, 2]), { min: 1, median: 1.5, max: 2, quartiles: [1.25, 1.75] });
  deepEqual(ratiosOf([2, 9], [1, 3]), [2, 3]);
});

Deno.test("bench: outputs differ by the largest value's measure; NaN and other lengths by far", () => {
  const of = (...values: number[]) => Float32Array.from(values);
  equal(largestDifference(of(1, 2), of(1, 4)), 0.5);
  equal(largestDifference(of(1), of(1, 2)), Infinity);
  equal(largestDifference(of(NaN), of(1)), Infinity);
});

Deno.test("bench: the table tells eager's rows as they are and the others beside them", () => {
  const results = [
    { side: "isa4d" as const, ms: [1, 2, 3], difference: 0, memory: { peak: 5e6, added: 1e6 } },
    { side: "eager" as const, ms: [2, 4, 6], difference: 1e-7, memory: { peak: 1e7, added: 2e6 } },
  ];
  const measured = { name: "x", summary: "", results, skipped: "not compiled: no reason" };
  const [isa4d, eager] = rowsOf(measured);
  deepEqual([isa4d.ratio?.median, isa4d.memoryRatio, isa4d.peakMB], [0.5, 0.5, 5]);
  deepEqual([eager.ratio, eager.memoryRatio, eager.time.median], [undefined, undefined, 4]);
  equal(lines(measured).at(-1), "x: not compiled: no reason");
});

Deno.test({
  name: "bench: PyTorch's twin of a training step computes what isa4d computes",
  ignore: noPython !== undefined,
  async fn() {
    const options = { runs: 1, threads: 1, tiny: true, memory: false };
    const step = benchCases.find(({ name }) => name === "train-dit")!;
    const results = await measure(step, { ...options, others: ["eager"] });
    deepEqual(results.map(({ side }) => side), ["isa4d", "eager"]);
    for (const { ms, difference } of results) {
      ok(ms.length === 1 && ms[0] > 0);
      // The losses and gradient norms of three steps in bfloat16, which isa4d rounds to right after
      // each norm and the twin before each product.
      ok(difference < 1e-3, String(difference));
    }
  },
});

/** What a task of first contact prints, and how it ends. */
async function contact(program: string, args: readonly string[]) {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `bench/cuda/${program}.ts`, ...args],
    stdin: "null",
    env: { OMP_NUM_THREADS: "1", CUDA_VISIBLE_DEVICES: "" },
  }).output();
  return { code, out: new TextDecoder().decode(stdout).trim() };
}

Deno.test("bench: without a CUDA device its tasks say so in a line and end with 0", async () => {
  for (const program of ["first_contact", "steps"]) {
    const { code, out } = await contact(program, []);
    equal(code, 0);
    ok(/^\w+:cuda: no device "cuda" here \(0 CUDA devices\)[^\n]*$/.test(out), out);
  }
});

Deno.test("bench: the checks of a first contact hold on the CPU, and a row that fails fails all", async () => {
  const { code, out } = await contact("first_contact", ["--device", "cpu"]);
  equal(code, 0, out);
  equal(out.split("\n").at(-1), "all held");
  const steps = await contact("steps", [
    "--device",
    "cpu",
    "--presets",
    "tiny,none",
    "--runs",
    "1",
  ]);
  equal(steps.code, 1);
  const [, , tiny, none] = steps.out.split("\n");
  ok(/^tiny +[\d.]+ +\d+ /.test(tiny), tiny);
  ok(/^none +FAILED: /.test(none), none);
});
