import assert from "node:assert/strict";
import { join } from "node:path";
import { Linear, Vars } from "../../lib/nn/mod.ts";
import {
  generator,
  item,
  liveTensors,
  mean,
  mul,
  pow,
  randn,
  scope,
  sub,
  sum,
  type Tensor,
} from "../../lib/tensor/mod.ts";
import {
  learningRateAt,
  listCheckpoints,
  Trainer,
  type TrainSettings,
  trainSettings,
  type TrainStep,
} from "../../lib/train/mod.ts";
import { DataMeter } from "../../lib/train/task_data.ts";
import { withFolder } from "../support/folders.ts";

const settings: TrainSettings = trainSettings.parse({
  steps: 12,
  learningRate: 0.02,
  warmup: 3,
  checkpointEvery: 5,
  compute: "float32",
});

/** A regression that any working trainer solves: the sum of 4 numbers. */
function regression(spoilt: (step: number) => boolean = () => false) {
  const vars = Vars.root({ seed: 1 });
  const layer = new Linear(vars, 4, 1);
  const loss = (step: number, micro: number): Tensor => {
    using random = generator(1000 * step + micro, "cpu");
    const x = randn([8, 4], { generator: random });
    const error = sub(layer.forward(x), sum(x, { dim: [1], keepdim: true }));
    return mul(mean(pow(error, 2)), spoilt(step) ? NaN : 1);
  };
  return { vars, task: { parameters: vars.parameters(), loss, config: { name: "regression" } } };
}

async function train(
  out: string,
  change: Partial<TrainSettings> = {},
  options: { resume?: string; stopAt?: number; spoilt?: (step: number) => boolean } = {},
): Promise<TrainStep[]> {
  const { vars, task } = regression(options.spoilt);
  const steps: TrainStep[] = [];
  const stop = new AbortController();
  const trainer = new Trainer(task, { ...settings, ...change });
  try {
    await trainer.run({
      out,
      resume: options.resume,
      signal: stop.signal,
      onStep: (step) => {
        steps.push(step);
        if (step.step === options.stopAt) stop.abort();
      },
    });
  } finally {
    trainer.dispose();
    vars.dispose();
  }
  return steps;
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const losses = (steps: TrainStep[]): number[] => steps.map(({ loss }) => loss);

Deno.test("Trainer: the loss falls, and no tensor is left behind", () =>
  inFolder(async (out) => {
    const before = liveTensors();
    const steps = await train(out, { steps: 150, learningRate: 0.05 });
    assert.ok(steps.at(-1)!.loss < 0.1 * steps[0].loss);
    assert.equal(liveTensors(), before);
  }));

Deno.test("Trainer: stopped and resumed, it gives the losses of an unbroken run to the last bit", () =>
  inFolder(async (out) => {
    const whole = losses(await train(join(out, "whole")));
    const first = losses(await train(join(out, "parts"), {}, { stopAt: 7 }));
    const rest = losses(await train(join(out, "parts"), {}, { resume: "auto" }));
    assert.deepEqual([...first, ...rest], whole);
  }));

Deno.test("Trainer: a step of two micro-batches reports the mean of their losses", () =>
  inFolder(async (out) => {
    const { vars, task } = regression();
    const expected = [0, 1].map((micro) => {
      using loss = scope(() => task.loss(0, micro));
      return item(loss) / 2;
    });
    vars.dispose();
    const [step] = await train(out, { steps: 1, accumulate: 2 });
    assert.ok(Math.abs(step.loss - expected[0] - expected[1]) < 1e-6);
  }));

Deno.test("Trainer: a step without a finite loss is skipped and counted", () =>
  inFolder(async (out) => {
    const steps = await train(out, {}, { spoilt: (step) => step === 4 });
    assert.equal(steps.length, 12);
    assert.equal(steps.at(-1)!.skipped, 1);
    assert.ok(Number.isFinite(steps.at(-1)!.loss));
  }));

Deno.test("Trainer: too many such steps end the run with advice", () =>
  inFolder(async (out) => {
    await assert.rejects(
      train(out, { maxBadSteps: 3 }, { spoilt: (step) => step > 2 }),
      /3 steps in a row had no finite loss; lower learningRate \(0\.02\)/,
    );
  }));

Deno.test("Trainer: keeps the newest checkpoints only", () =>
  inFolder(async (out) => {
    await train(out, { keepCheckpoints: 2 });
    const names = (await listCheckpoints(out)).map((path) => path.slice(out.length + 1));
    assert.deepEqual(names, ["step-0000010.safetensors", "step-0000012.safetensors"]);
  }));

Deno.test("learningRateAt: rises, stays, falls to nearly nothing", () => {
  const at = (step: number): number =>
    learningRateAt(step, { ...settings, steps: 100, warmup: 10, decayShare: 0.5 });
  assert.ok(Math.abs(at(0) - 0.002) < 1e-12);
  assert.equal(at(30), 0.02);
  assert.ok(at(99) <= 0.0004 && at(99) > 0);
  const wave = (step: number): number =>
    learningRateAt(step, { ...settings, steps: 100, decayShare: 0.5, decayShape: "cosine" });
  assert.equal(wave(50), 0.02);
  assert.ok(Math.abs(wave(75) - 0.01) < 1e-12);
  assert.ok(wave(60) > 0.02 * 0.8 && wave(90) < 0.02 * 0.2);
});

Deno.test("Trainer: an adversary learns in the same steps, from its first step on, and is resumed too", async () => {
  const before = liveTensors();
  await withFolder(async (folder) => {
    /** The guess follows a number that the adversary moves; both are in the checkpoint. */
    const run = async (out: string, resume?: string): Promise<number[]> => {
      const vars = Vars.root({ seed: 1 });
      const other = Vars.root({ seed: 2 });
      const guess = new Linear(vars, 1, 1);
      const aim = new Linear(other, 1, 1);
      const gap = () => mean(pow(sub(guess.weight, aim.weight), 2));
      const trainer = new Trainer({
        parameters: vars.parameters(),
        loss: gap,
        adversary: { parameters: other.parameters(), startStep: 4, loss: () => mul(gap(), -1) },
        config: {},
      }, { ...settings, warmup: 0, decayShare: 0, checkpointEvery: 6 });
      const aims: number[] = [];
      await trainer.run({
        out,
        resume,
        onStep: () => aims.push(scope(() => item(sum(aim.weight)))),
      });
      trainer.dispose();
      vars.dispose();
      other.dispose();
      return aims;
    };
    const whole = await run(join(folder, "whole"));
    assert.ok(
      whole.slice(0, 4).every((aim) => aim === whole[0]),
      "before its start it stands still",
    );
    assert.notEqual(whole[5], whole[3]);
    const middle = join(folder, "whole", "step-0000006.safetensors");
    assert.deepEqual(await run(join(folder, "rest"), middle), whole.slice(6));
  });
  assert.equal(liveTensors(), before);
});

Deno.test("Trainer: a step waits for its samples, and tells their part of its time and memory", () =>
  inFolder(async (out) => {
    const { vars, task } = regression();
    const asked: number[] = [];
    let ready = -1;
    const meter = new DataMeter();
    const trainer = new Trainer({
      ...task,
      loss: (step, micro) => {
        assert.equal(ready, step);
        meter.count(8);
        return task.loss(step, micro);
      },
      data: {
        ready: (step) =>
          meter.wait((async () => {
            asked.push(step);
            await new Promise((resolve) => setTimeout(resolve, 5));
            ready = step;
          })()),
        take: () => meter.take(),
      },
    }, { ...settings, steps: 3, accumulate: 2 });
    const steps: TrainStep[] = [];
    await trainer.run({ out, onStep: (step) => steps.push(step) });
    trainer.dispose();
    vars.dispose();
    assert.deepEqual(asked, [0, 1, 2]);
    for (const { samples, loaderMs, ms, memory, peakMemory } of steps) {
      assert.equal(samples, 16);
      assert.ok(loaderMs > 0 && loaderMs < ms, `${loaderMs} of ${ms}`);
      assert.ok(memory > 1e6 && peakMemory >= memory);
    }
  }));
