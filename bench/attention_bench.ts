// Why lib/nn/attend.ts multiplies short attention out on the CPU: forward and backward of one latent
// frame's interspatial attention, fused kernel against plain operators.
import {
  autocast,
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
} from "../lib/tensor/mod.ts";

const [frames, heads, width] = [20, 6, 32];

function plain(q: Tensor, k: Tensor, v: Tensor): Tensor {
  const scores = matmul(mul(q, 1 / Math.sqrt(width)), transpose(k, 2, 3));
  return matmul(softmax(scores, -1), v);
}

for (const [queries, keys] of [[64, 384], [384, 64], [5, 5]]) {
  for (const dtype of ["float32", "bfloat16"] as const) {
    const group = `${queries} queries, ${keys} keys, ${dtype}`;
    const make = (length: number): Tensor =>
      randn([frames, heads, length, width], { dtype }).setRequiresGrad(true);
    const [q, k, v] = [make(queries), make(keys), make(keys)];
    for (const [name, attend] of Object.entries({ plain, fused: scaledDotProductAttention })) {
      Deno.bench({ name, group, baseline: name === "plain" }, () => {
        scope(() =>
          autocast({ device: "cpu", dtype }, () => grad([sum(attend(q, k, v))], [q, k, v]))
        );
      });
    }
  }
}
