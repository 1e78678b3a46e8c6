import { deepEqual, equal, ok } from "node:assert/strict";
import { grad, matmul, ones, Profile, scope, sum } from "../../lib/tensor/mod.ts";

interface Trace {
  readonly traceEvents: readonly {
    readonly name: string;
    readonly ts: number;
    readonly dur: number;
    readonly args: { readonly inputs: string; readonly outputs: string };
  }[];
  readonly otherData: { readonly left: number };
}

function profiled(most?: number): Profile {
  const profile = new Profile({ most });
  scope(() => {
    const x = ones([300, 200]).setRequiresGrad(true);
    const stop = profile.start();
    const y = sum(matmul(x, ones([200, 400])));
    grad([y], [x]);
    stop();
    sum(y);
  });
  return profile;
}

Deno.test("Profile: calls in their order, with shapes, one after the other", () => {
  const { traceEvents } = profiled().trace() as unknown as Trace;
  deepEqual(traceEvents.map(({ name }) => name.replace(/\..*/, "")), [
    "aten::ones",
    "aten::matmul",
    "aten::sum",
    "autograd::grad",
  ]);
  equal(traceEvents[1].args.inputs, "[300, 200] [200, 400]");
  equal(traceEvents[3].args.outputs, "[300, 200]");
  for (const [i, { ts, dur }] of traceEvents.entries()) {
    ok(dur >= 0 && (i === 0 || ts >= traceEvents[i - 1].ts + traceEvents[i - 1].dur - 2));
  }
});

Deno.test("Profile: calls beyond its room are summed", () => {
  const profile = profiled(2);
  const { traceEvents, otherData } = profile.trace() as unknown as Trace;
  deepEqual([traceEvents.length, otherData.left], [2, 2]);
  const operators = profile.operators();
  equal(operators.reduce((all, { calls }) => all + calls, 0), 4);
  deepEqual(operators.map(({ ms }) => ms), operators.map(({ ms }) => ms).sort((a, b) => b - a));
});
