/**
 * Door of the restricted unpickler: Python pickles as plain data, nothing in them is run.
 * @module
 */
export { unpickle, type Unpickled, unpickleFrom, type UnpickleOptions } from "./unpickle.ts";
export { type BuildContext, type GlobalBuilder, type Globals, PickleGlobal } from "./objects.ts";
export { type Stateful } from "./objects.ts";
export { type ArrayLayout, isNumericArray, NumpyDType, PickledArray } from "./numpy_array.ts";
export { numpyGlobals } from "./globals_numpy.ts";
export { denseFloats, scipyGlobals, type SparseFormat, SparseMatrix } from "./sparse.ts";
export { chumpyGlobals } from "./globals_chumpy.ts";
export { PickledTensor, torchGlobals } from "./globals_torch.ts";
export { decodePickle, readPickle } from "./joblib.ts";
export { readObjectNpy, readObjectNpz } from "./npz_objects.ts";
export { tensorNumbers, torchBytesGlobals } from "./torch_bytes.ts";
