/**
 * What NumPy's arrays and numbers ask for when they are unpickled, under its old and new names.
 * @module
 */
import { arrayFromBuffer, emptyArray, numpyDType, numpyScalar } from "./numpy_array.ts";
import type { GlobalBuilder, Globals } from "./objects.ts";

/** A class that is named as an argument and never called. */
const nameOnly: GlobalBuilder = (_args, context) => {
  throw context.error("is called, expected only its name");
};

// numpy.core became numpy._core with NumPy 2.
const cores = ["numpy.core", "numpy._core"];

/** Builders of arrays, element types and single numbers. */
export const numpyGlobals: Globals = Object.fromEntries<GlobalBuilder>([
  ...cores.flatMap((core): [string, GlobalBuilder][] => [
    [`${core}.multiarray._reconstruct`, emptyArray],
    [`${core}.multiarray.scalar`, numpyScalar],
    [`${core}.numeric._frombuffer`, arrayFromBuffer],
  ]),
  ["numpy.dtype", numpyDType],
  ["numpy.ndarray", nameOnly],
]);
