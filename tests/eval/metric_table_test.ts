import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { FrameScorer, type PairNet, type WorstFrame, WorstFrames } from "../../lib/eval/mod.ts";
import { badness, metrics, metricsOf, netMetrics } from "../../lib/eval/metrics/mod.ts";
import { full } from "../../lib/tensor/mod.ts";

Deno.test("metrics: no two share a label", () => {
  const labels = Object.values(metrics).map(({ label }) => label);
  deepEqual(labels.filter((label, i) => labels.indexOf(label) !== i), []);
});

Deno.test("badness: what is better is less bad, in every metric that has a better side", () => {
  for (const [name, { better }] of Object.entries(metrics)) {
    const [low, high] = [badness(name, 0.25), badness(name, 0.75)];
    equal(Math.sign(high - low), { higher: -1, lower: 1, neither: 0 }[better], name);
    equal(badness(name, null), Infinity);
  }
});

Deno.test("WorstFrames: of each frame metric the frame on its worse side is kept", () => {
  const picture = new Uint8Array(3);
  for (const score of metricsOf("frame")) {
    const worst = new WorstFrames(1);
    const frame = { score, width: 1, height: 1, result: picture, truth: picture };
    const offer = (value: number): void =>
      worst.offer({ ...frame, pair: String(value), frame: 0, value } satisfies WorstFrame);
    [0.5, 0.25, 0.75].forEach(offer);
    equal(worst.frames[0].value, metrics[score].better === "lower" ? 0.75 : 0.25, score);
  }
});

Deno.test("FrameScorer: gives every metric of the table, in its order", () => {
  const net: PairNet = { forward: (images) => full([images.shape[0]], 0.5) };
  const nets = Object.fromEntries(netMetrics.map((name) => [name, net]));
  const wanted = metricsOf("frame");
  const scorer = new FrameScorer({ metrics: [...wanted].reverse(), nets });
  const side = 176;
  const result = new Uint8Array(side * side * 3).fill(90);
  const truth = new Uint8Array(side * side * 3).fill(100);
  const batch = { count: 1, width: side, height: side, result, truth };
  deepEqual([...scorer.score(batch).scores.keys()], wanted);
  const masked = scorer.score({ ...batch, mask: truth.slice().fill(255) });
  deepEqual([...masked.scores.keys()], metricsOf("frame", "mask"));
  ok([...masked.scores.values()].every(([value]) => Number.isFinite(value)));
});

Deno.test("FrameScorer: a metric without its network is refused by name", () => {
  throws(() => new FrameScorer({ metrics: ["psnr", "spd"] }), /SPD needs its network: nets\.spd/);
});
