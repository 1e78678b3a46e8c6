import { type Tensor, tensorsIn } from "../../tensor/mod.ts";

/**
 * Takes a state through the layers, one after the other: the only way through them. What a layer was
 * given is freed as soon as its result is there, except what the result takes over and what is `lent`:
 * a clip's tokens of all layers at once would be most of the memory.
 */
export function walkLayers<Layer, State>(
  layers: readonly Layer[],
  first: State,
  visit: (layer: Layer, now: State, index: number) => State,
  { lent }: { readonly lent: readonly Tensor[] },
): State {
  let now = first;
  for (const [index, layer] of layers.entries()) {
    const next = visit(layer, now, index);
    const stays = tensorsIn([next, lent]);
    for (const tensor of tensorsIn(now)) if (!stays.has(tensor)) tensor.dispose();
    now = next;
  }
  return now;
}
