import { ok } from "node:assert/strict";
import { cat, full, item, scope, zeros } from "../../lib/tensor/mod.ts";
import { priorLoss } from "../../lib/train/prior/objective.ts";

const [F, H, W] = [2, 4, 4];
const weights = { absolute: 0, square: 1, person: 0, perceptual: 0 };

/** The loss of two clips whose every pixel is off by so much, of a prior that is off by `priors`. */
function lossOf(made: readonly number[], priors: readonly number[], relative: boolean): number {
  return scope(() => {
    const clips = (values: readonly number[], K: number) =>
      cat(values.map((value) => full([F, K, H, W], value)), 0);
    const truth = zeros([2 * F, 3, H, W]);
    const batch = { truth, planes: clips(priors, 5), mask: zeros([2 * F, 1, H, W]) };
    return item(priorLoss(clips(made, 3), batch, { weights, clips: 2, relative }));
  });
}

const near = (a: number, b: number) => ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);

Deno.test("priorLoss: squared errors are pooled, so that the clip that is far off decides", () => {
  near(lossOf([0.1, 0.4], [0.1, 0.4], false), (0.01 + 0.16) / 2);
  near(lossOf([0.1, 0.2], [0.1, 0.4], false), (0.01 + 0.04) / 2);
});

Deno.test("priorLoss: shares are of what the prior is off by in the same clip", () => {
  const share = (made: number, prior: number) => made ** 2 / (prior ** 2 + 2e-3);
  near(lossOf([0.1, 0.4], [0.1, 0.4], true), (share(0.1, 0.1) + share(0.4, 0.4)) / 2);
  // Clips change places: a share is not one of the other's.
  near(lossOf([0.4, 0.1], [0.1, 0.4], true), (share(0.4, 0.1) + share(0.1, 0.4)) / 2);
  // A clip that has nothing wrong is held to a least error, not divided by nothing.
  near(lossOf([0.1, 0.1], [0, 0.1], true), (share(0.1, 0) + share(0.1, 0.1)) / 2);
});
