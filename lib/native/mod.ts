/**
 * The one door to the native library: finds or builds it, opens it at the first use, and offers its
 * functions with handles as numbers. Only `lib/tensor` should need more than {@link ensureNative}.
 * @module
 */

export {
  beginArguments,
  invoke,
  openTensors,
  Operator,
  operatorSchema,
  putHandle,
  putNone,
  putNumber,
  putNumbers,
  putOmitted,
  putString,
  putTensor,
  resolveOperator,
  TAG_LIST,
  TAG_NONE,
  TAG_NUMBER,
  TAG_OMITTED,
  TAG_STRING,
  TAG_TENSOR,
  TAG_TENSORS,
} from "./arena.ts";
export { buildLibrary, type BuildOptions, type BuiltLibrary, findCompiler } from "./build.ts";
export {
  type AutocastState,
  clearAutocastCache,
  cudaDeviceCount,
  deviceMemory,
  emptyDeviceCache,
  enterInference,
  freeGenerator,
  freeTensor,
  generatorState,
  type GradientOptions,
  gradients,
  leaveInference,
  newGenerator,
  requiresGrad,
  resetDevicePeak,
  seedDefaults,
  seedGenerator,
  setAutocast,
  setDeterministic,
  setGeneratorState,
  setGradEnabled,
  setRequiresGrad,
  setTf32,
  setThreadCount,
  shareTensor,
  stepAutocastNesting,
  synchronizeDevice,
  tensorAddress,
  tensorFromBytes,
  tensorIsContiguous,
  tensorItem,
  tensorToBytes,
  threadCount,
  throwNative,
} from "./calls.ts";
export { ensureNative, type NativeInfo, resultArena } from "./library.ts";
export { DEPS_ROOT, findLibtorch, type Libtorch, LIBTORCH_RANGE, PROJECT_ROOT } from "./locate.ts";
