/**
 * Why lib/nn/attend.ts multiplies short attention out on the CPU in half precision: forward and backward
 * of one latent frame's interspatial attention, fused kernel against plain operators.
 */

import {
  autocast,
  type DType,
  generator,
  grad,
  matmul,
  mul,
  randn,
  scaledDotProductAttention,
  scope,
  softmax,
  sum,
  type Tensor,
  transpose,
} from "../../lib/tensor/mod.ts";
import { type BenchCase, readInputs, repeated, writeInputs, writeSpec } from "./case.ts";

const [frames, heads, width, queries, keys] = [20, 6, 32, 64, 384];

function multipliedOut(q: Tensor, k: Tensor, v: Tensor): Tensor {
  const scores = matmul(mul(q, 1 / Math.sqrt(q.shape[3])), transpose(k, 2, 3));
  return matmul(softmax(scores, -1), v);
}

function attentionCase(plain: boolean, dtype: DType): BenchCase {
  const attend = plain ? multipliedOut : scaledDotProductAttention;
  const short = dtype === "float32" ? "f32" : "bf16";
  return {
    name: `attention-${plain ? "plain" : "fused"}-${short}`,
    summary: `${queries} queries, ${keys} keys, ${plain ? "plain operators" : "fused"}, ${dtype}`,
    tolerance: dtype === "float32" ? 1e-4 : 2e-2,
    async make(folder, tiny) {
      using random = generator(1, "cpu");
      const make = (length: number) =>
        randn([tiny ? 1 : frames, heads, length, width], { generator: random, dtype });
      await writeSpec(folder, { kind: "attention", plain });
      await writeInputs(folder, { q: make(queries), k: make(keys), v: make(keys) });
    },
    async load(folder) {
      const { q, k, v } = await readInputs(folder);
      for (const leaf of [q, k, v]) leaf.setRequiresGrad(true);
      return repeated(() =>
        scope(() => {
          const out = autocast(
            { enabled: dtype === "bfloat16" },
            () => attend(q, k, v),
          );
          return grad([sum(out)], [q, k, v])[0]!;
        })
      );
    },
  };
}

/** Attention, forward and backward. */
export const attentionCases: readonly BenchCase[] = (["float32", "bfloat16"] as const).flatMap((
  dtype,
) => [attentionCase(true, dtype), attentionCase(false, dtype)]);
