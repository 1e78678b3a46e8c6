import { add, mul, sub, type Tensor } from "../tensor/mod.ts";

/**
 * Classifier-free guidance: uncond + scale·(cond − uncond). A scale of 1 is the conditional branch,
 * 2 the paper's choice (1 is blurred, high is over-sharp).
 */
export function guide(conditional: Tensor, unconditional: Tensor, scale: number): Tensor {
  return add(unconditional, mul(sub(conditional, unconditional), scale));
}
