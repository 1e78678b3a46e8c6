import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import {
  makeScheduler,
  sampleFlow,
  type SamplerName,
  type SavedState,
} from "../../lib/diffusion/mod.ts";
import {
  add,
  clone,
  liveTensors,
  mul,
  neg,
  sin,
  type Tensor,
  tensor,
  toNumbers,
} from "../../lib/tensor/mod.ts";
import walks from "../fixtures/diffusion/samplers.json" with { type: "json" };

const names: readonly SamplerName[] = ["euler", "heun", "dpm++2m", "unipc"];
const start = (): Tensor => tensor([[1, -0.5, 0.2]]);
const flowOf = (x: Tensor, t: number): Tensor => add(sin(mul(x, 3)), 0.1 + t);

function close(actual: readonly number[], expected: readonly number[], label: string): void {
  for (const [i, value] of expected.entries()) {
    ok(Math.abs(actual[i] - value) <= 1e-5, `${label}: ${actual} is not ${expected}`);
  }
}

for (const name of names) {
  Deno.test(`sampler ${name}: asks at the times of diffusers' and goes where it goes`, async () => {
    const live = liveTensors();
    for (const { shift, steps, times, samples } of walks.filter((w) => w.sampler === name)) {
      const label = `shift ${shift}, ${steps} steps`;
      const asked: number[] = [];
      const seen: number[][] = [];
      const noise = start();
      const result = await sampleFlow(noise, (x, t) => {
        asked.push(t);
        return flowOf(x, t);
      }, {
        ...{ steps, shift, sampler: name },
        onState: ({ state }) => Promise.resolve(void seen.push(toNumbers(state.sample))),
      });
      close(asked, times, label);
      equal(seen.length, samples.length);
      for (const [i, sample] of seen.entries()) close(sample, samples[i], `${label}, step ${i}`);
      deepEqual(toNumbers(result), seen.at(-1));
      noise.dispose();
      result.dispose();
    }
    equal(liveTensors(), live);
  });

  Deno.test(`sampler ${name}: each step says what it takes the data to be, and walks the same way`, async () => {
    const live = liveTensors();
    using noise = start();
    const options = { steps: 5, shift: 3, sampler: name };
    const estimates: number[][] = [];
    const expected: number[][] = [];
    const told = await sampleFlow(noise, (x, t) => {
      const flow = flowOf(x, t);
      const [at, towards] = [toNumbers(x), toNumbers(flow)];
      expected.push(at.map((value, i) => value - t * towards[i]));
      return flow;
    }, {
      ...options,
      onEstimate: (data) => Promise.resolve(void estimates.push(toNumbers(data))),
    });
    equal(estimates.length, expected.length);
    for (const [i, data] of estimates.entries()) close(data, expected[i], `step ${i}`);
    const plain = await sampleFlow(noise, flowOf, options);
    deepEqual(toNumbers(told), toNumbers(plain));
    told.dispose();
    plain.dispose();
    equal(liveTensors(), live + 1);
  });

  Deno.test(`sampler ${name}: a walk left at any step goes on to the same bits`, async () => {
    const live = liveTensors();
    const saved: SavedState[] = [];
    const noise = start();
    const options = { steps: 5, shift: 3, sampler: name };
    const whole = await sampleFlow(noise, flowOf, {
      ...options,
      onState: ({ done, state: { sample, history } }) =>
        Promise.resolve(
          void saved.push({ done, state: { sample: clone(sample), history: history.map(clone) } }),
        ),
    });
    for (const from of saved) {
      const rest = await sampleFlow(noise, flowOf, { ...options, from });
      deepEqual(toNumbers(rest), toNumbers(whole));
      for (const tensor of [rest, from.state.sample, ...from.state.history]) tensor.dispose();
    }
    whole.dispose();
    noise.dispose();
    equal(liveTensors(), live);
  });

  Deno.test(`sampler ${name}: an abort between steps frees the sample and what it remembers`, async () => {
    const live = liveTensors();
    using noise = start();
    const controller = new AbortController();
    const walk = sampleFlow(noise, flowOf, {
      ...{ steps: 9, sampler: name, signal: controller.signal },
      onStep: ({ step }) => {
        if (step === 4) controller.abort(new Error("enough"));
      },
    });
    await rejects(walk, /enough/);
    equal(liveTensors(), live + 1);
  });
}

Deno.test("samplers: heun asks 2·steps − 1 times, the others once a step", () => {
  const asked = names.map((name) => makeScheduler(name, { steps: 6 }).timesteps.length);
  deepEqual(asked, [6, 11, 6, 6]);
});

Deno.test("samplers: with four times the steps, those of second order gain more than Euler's four", async () => {
  // dx/dt = −x from x = 1 at t = 1: x = e at t = 0.
  const error = async (sampler: SamplerName, steps: number) => {
    using noise = tensor([[1]], { dtype: "float64" });
    using end = await sampleFlow(noise, (x) => neg(x), { steps, sampler });
    return Math.abs(toNumbers(end)[0] - Math.E);
  };
  for (const sampler of names) {
    const gain = await error(sampler, 10) / await error(sampler, 40);
    const [least, most] = sampler === "euler" ? [3, 4.5] : [7, Infinity];
    ok(gain > least && gain < most, `${sampler}: error falls ${gain} times`);
  }
});

Deno.test("samplers: steps and shift that make no sense are refused with their value", () => {
  throws(() => makeScheduler("euler", { steps: 4, shift: 0 }), /flow shift 0 must be above 0/);
  throws(() => makeScheduler("unipc", { steps: 0 }), /0 sampling steps/);
  throws(() => makeScheduler("heun", { steps: 2.5 }), /2.5 sampling steps/);
});
