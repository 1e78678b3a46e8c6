/**
 * chumpy's objects, which SMPL's files of 2015 hold instead of arrays: the array inside is taken.
 * @module
 */
import { isNumericArray, PickledArray } from "./numpy_array.ts";
import {
  type BuildContext,
  type GlobalBuilder,
  type Globals,
  isStateful,
  setState,
  type Stateful,
} from "./objects.ts";

/** `chumpy.ch.Ch`: an array under `x`. */
class ChumpyArray extends PickledArray implements Stateful {
  /** Takes the attributes. */
  override [setState](state: unknown, context: BuildContext): void {
    const fields = state instanceof Map ? state : new Map();
    const array = fields.get("x");
    if (!isNumericArray(array)) throw context.error("holds no array x");
    Object.assign(this, { dtype: array.dtype, shape: array.shape, data: array.data });
  }
}

/** `chumpy.reordering.Select`: elements `idxs` of the flat array `a`, in `preferred_shape`. */
class ChumpySelect extends PickledArray implements Stateful {
  /** Takes the attributes. */
  override [setState](state: unknown, context: BuildContext): void {
    const fields = state instanceof Map ? state : new Map();
    const from = fields.get("a"), indices = fields.get("idxs");
    if (!isNumericArray(from) || !isNumericArray(indices)) {
      throw context.error("holds no arrays a and idxs");
    }
    const shape: unknown = fields.get("preferred_shape") ?? indices.shape;
    const count = indices.data.length;
    if (!Array.isArray(shape) || shape.reduce((n, d) => n * Number(d), 1) !== count) {
      throw context.error("has a shape that does not fit");
    }
    context.take(8 * count);
    const data = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const at = Number(indices.data[i]);
      if (!(at >= 0 && at < from.data.length)) throw context.error("selects what is not there");
      data[i] = Number(from.data[at]);
    }
    Object.assign(this, { dtype: "float64", shape: shape.map(Number), data });
  }
}

function made(Class: new () => PickledArray): GlobalBuilder {
  return (args, context) => {
    if (args.length === 0) return new Class();
    const [first] = args;
    if (args.length === 1 && isNumericArray(first) && isStateful(first)) return first;
    throw context.error("gets arguments");
  };
}

/** Builders of chumpy's objects. */
export const chumpyGlobals: Globals = {
  "chumpy.ch.Ch": made(ChumpyArray),
  "chumpy.Ch": made(ChumpyArray),
  "chumpy.reordering.Select": made(ChumpySelect),
};
