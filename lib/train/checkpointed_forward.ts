// B batch, C latent channels, T latent frames, h×w latent size

/**
 * ISA-DiT's loss with activation checkpointing: only the tokens between the layers are kept, and each
 * layer is computed a second time for its gradients.
 * @module
 */
import type { EncodedConditions, IsaDit } from "../models/isa_dit/mod.ts";
import { chainParameters, checkpointedGrad, type Segment } from "../nn/mod.ts";
import { add, detach, mul, scope, sub, sum, Tensor } from "../tensor/mod.ts";

/** What the layers work on. */
export interface CheckpointedInputs {
  /** [B, C, T, h, w] */
  readonly noisy: Tensor;
  /** Flow times, [B]. */
  readonly t: Tensor;
  readonly encoded: EncodedConditions;
  /** Parameters that are trained, by name. */
  readonly parameters: ReadonlyMap<string, Tensor>;
}

/**
 * The loss of what the model predicts. Its gradients are known at once; the scalar that is returned
 * has them as those of a linear function, so that they flow on to what came before the layers, and
 * into buckets, as any other's.
 */
export function checkpointedLoss(
  model: IsaDit,
  { noisy, t, encoded, parameters }: CheckpointedInputs,
  loss: (predicted: Tensor) => Tensor,
): Tensor {
  return scope(() => {
    const { first, ...passage } = model.enter(noisy, t, encoded);
    const { context } = passage;
    const inputs = [first.x_BTLD, first.points_BTSE];
    const shared = trainedTensors(context);
    const segments: Segment[] = model.layers.map((layer, index) => ({
      forward: ([x_BTLD, points_BTSE], given) => {
        const next = layer.forward({ x_BTLD, points_BTSE }, replaced(context, shared, given));
        return [next.x_BTLD, next.points_BTSE];
      },
      parameters: namedBy(parameters, new RegExp(`^\\w+_blocks\\.${index}\\.`)),
    }));
    segments.push({
      forward: ([x], given) => [
        model.leave(x, { ...passage, context: replaced(context, shared, given) }),
      ],
      parameters: namedBy(parameters, /^(norm_out|proj_out)\./),
    });
    const found = checkpointedGrad(segments, inputs, {
      shared,
      loss: ([predicted]) => loss(predicted),
    });
    const values = [...inputs, ...shared, ...chainParameters(segments)];
    const gradients = [...found.inputGrads, ...found.sharedGrads, ...found.parameterGrads];
    return values.reduce((total, value, i) => {
      const gradient = gradients[i];
      if (!gradient || !value.requiresGrad) return total;
      const line = sum(mul(value, gradient));
      // Its value is nothing, its gradient all.
      return add(total, sub(line, detach(line)));
    }, found.loss);
  });
}

function namedBy(parameters: ReadonlyMap<string, Tensor>, pattern: RegExp): Tensor[] {
  return [...parameters].filter(([name]) => pattern.test(name)).map(([, value]) => value);
}

/** The tensors of a record, nested ones too, through which gradients flow. */
function trainedTensors(record: unknown): Tensor[] {
  const found = new Set<Tensor>();
  const visit = (value: unknown): void => {
    if (value instanceof Tensor) {
      if (value.requiresGrad) found.add(value);
    } else if (typeof value === "object" && value !== null) Object.values(value).forEach(visit);
  };
  visit(record);
  return [...found];
}

/** The same record with other tensors in the places of `from`. */
function replaced<T>(record: T, from: readonly Tensor[], to: readonly Tensor[]): T {
  const copy = (value: unknown): unknown => {
    if (value instanceof Tensor) {
      const at = from.indexOf(value);
      return at < 0 ? value : to[at];
    }
    if (Array.isArray(value)) return value.map(copy);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copy(inner)]));
  };
  return copy(record) as T;
}
