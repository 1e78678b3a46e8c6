import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Dashboard } from "../../cli/train/dashboard.ts";
import { LossCurve } from "../../cli/train/loss_curve.ts";

/** What a terminal shows of text that goes up and clears below. */
function screenOf(text: string): string[] {
  let lines = [""];
  for (const part of text.split("\x1b[")) {
    const [, up] = /^(\d+)A$/.exec(part) ?? [];
    if (up !== undefined) lines = [...lines.slice(0, lines.length - 1 - Number(up)), ""];
    else {
      const [first, ...rest] = part.replace(/^0J/, "").split("\n");
      lines = [...lines.slice(0, -1), lines.at(-1)! + first, ...rest];
    }
  }
  return lines;
}

function stepReport(step: number, loss: number) {
  return {
    ...{ step, of: 40, loss, gradientNorm: 1.5, learningRate: 1e-4, skipped: step > 30 ? 2 : 0 },
    ...{ ms: 200, loaderMs: 10, samples: 4, memory: 5e8, peakMemory: 6e8 },
  };
}

Deno.test("train dashboard: its lines stay below what is said, and are never longer than the terminal", () => {
  let [text, now] = ["", 0];
  const write = (more: string) => text += more;
  const board = new Dashboard({ write, columns: () => 66, now: () => now });
  board.above("training\n");
  for (let step = 1; step <= 40; step++) {
    now += 200;
    board.step(stepReport(step, 4 / step));
    if (step === 20) board.above("validation  loss 0.3\n");
  }
  board.end();
  board.above("done\n");
  const screen = screenOf(text);
  deepEqual([screen[0], screen[1], screen[6], screen.length], [
    ...["training", "validation  loss 0.3", "done"],
    8,
  ]);
  equal(screen[2], `step 40/40  ${"█".repeat(30)}  100 %  0 s left`);
  match(screen[3], /^loss 0\.\d{4} {2}lr 1\.0e-4 {2}gradient 1\.50 {2}2 skipped$/);
  equal([...screen[4]].length, 40);
  match(screen[4], /^█.*▁$/);
  match(screen[5], /^200 ms a step {2}20\.0 samples\/s {2}loader 5\.0 % {2}500 MB \(peak 600 MB?/);
  ok(screen.every((line) => [...line].length < 66));
  equal(
    text.match(/step \d+\/40/g)?.length,
    15,
    "drawn at most twice a second, and again beside others",
  );
});

Deno.test("train dashboard: a loss curve holds any number of steps, oldest first", () => {
  const curve = new LossCurve(8);
  equal(curve.bars(10), "");
  curve.add(NaN);
  curve.add(1);
  equal(curve.bars(10), "▁");
  for (let step = 0; step < 1000; step++) curve.add(1000 - step);
  const bars = curve.bars(10);
  ok(bars.length >= 4 && bars.length <= 8);
  match(curve.bars(3), /^█.▁$/);
  const negative = new LossCurve();
  for (const loss of [1, 0, -1]) negative.add(loss);
  equal(negative.bars(3), "█▅▁");
});
