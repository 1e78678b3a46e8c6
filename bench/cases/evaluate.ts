/** Scores of a clip against the true one, beside torchmetrics' (which the Python side needs). */

import { FrameScorer } from "../../lib/eval/mod.ts";
import {
  add,
  clamp,
  type Generator,
  generator,
  mul,
  noGrad,
  randn,
  scope,
  type Tensor,
  tensor,
  to,
  toBytes,
  upsampleBilinear2d,
} from "../../lib/tensor/mod.ts";
import { type BenchCase, readInputs, readSpec, repeated, writeInputs, writeSpec } from "./case.ts";

interface EvalSpec {
  readonly kind: "evaluate";
  readonly batch: number;
}

const METRICS = ["psnr", "ssim", "ms-ssim"] as const;
const BATCH = 8;

/** Clips of rgb24 frames [N,H,W,3]: smooth, and with noise. */
function clips(frames: number, side: number): Record<"result" | "truth", Tensor> {
  using random: Generator = generator(3, "cpu");
  return noGrad(() =>
    scope(() => {
      const coarse = randn([frames * 3, 1, 8, 8], { generator: random });
      const smooth = upsampleBilinear2d(coarse, [side, side], false);
      const bytes = (x: Tensor): Tensor => to(clamp(x, { min: 0, max: 255 }), { dtype: "uint8" });
      const noise = mul(randn([frames * 3, 1, side, side], { generator: random }), 8);
      const truth = add(mul(smooth, 50), 128);
      const shaped = (x: Tensor): Tensor =>
        tensor(toBytes(bytes(x)), { shape: [frames, side, side, 3], dtype: "uint8" });
      return { result: shaped(add(truth, noise)), truth: shaped(truth) };
    })
  );
}

function evalCase(frames: number): BenchCase {
  return {
    name: `eval-${frames}`,
    summary: `PSNR, SSIM and MS-SSIM of ${frames} frames of 256×256 against torchmetrics`,
    tolerance: 1e-4,
    async make(folder, tiny) {
      await writeSpec(folder, { kind: "evaluate", batch: BATCH } satisfies EvalSpec);
      await writeInputs(folder, tiny ? clips(2, 180) : clips(frames, 256));
    },
    async load(folder) {
      const { batch } = await readSpec<EvalSpec>(folder);
      const { result, truth } = await readInputs(folder);
      const [count, height, width] = result.shape;
      const [made, wanted] = [toBytes(result), toBytes(truth)];
      const scorer = new FrameScorer({ metrics: METRICS });
      return repeated(() => {
        const scores = METRICS.map((): number[] => []);
        for (let from = 0; from < count; from += batch) {
          const to = Math.min(count, from + batch);
          const part = (bytes: Uint8Array): Uint8Array =>
            bytes.subarray(from * height * width * 3, to * height * width * 3);
          const found = scorer.score({
            ...{ count: to - from, width, height },
            ...{ result: part(made), truth: part(wanted) },
          });
          METRICS.forEach((name, i) => scores[i].push(...found.scores.get(name)!));
        }
        return tensor(scores);
      });
    },
  };
}

/** Measuring videos. */
export const evalCases: readonly BenchCase[] = [evalCase(65)];
