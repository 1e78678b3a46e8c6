/**
 * Tensors over libtorch: functions on explicit memory. Inside a `scope` intermediate results need no
 * care; outside, the caller owns each result.
 * @module
 */

export {
  autocast,
  type AutocastOptions,
  cpuCast,
  enableGrad,
  grad,
  type GradOptions,
  inferenceMode,
  noGrad,
} from "./autograd.ts";
export { type CallRecord, onCall, type OperatorCall } from "./call.ts";
export { type OperatorTime, Profile, PROFILE_FORMAT } from "./profile.ts";
export { Exchange, type JoinOptions, ProcessGroup } from "./collectives.ts";
export { to, type ToOptions } from "./convert.ts";
export {
  arange,
  byteLength,
  type CreateOptions,
  empty,
  eye,
  full,
  type HostArray,
  linspace,
  type Nested,
  ones,
  rand,
  randint,
  randn,
  type RandomOptions,
  randperm,
  tensor,
  type TensorOptions,
  zeros,
} from "./create.ts";
export { disposeAll } from "./dispose.ts";
export { type Device, type DType, dtypeBytes, isFloating } from "./dtype.ts";
export { _foreachMul_ } from "./foreach.ts";
export {
  addGated,
  geluTanh,
  normModulate,
  type NormModulation,
  rotary,
  shortAttention,
} from "./fused.ts";
export { type BucketPlan, GradientBuckets } from "./gradient_buckets.ts";
export {
  type BytesOptions,
  type FileOptions,
  fromBytes,
  isContiguous,
  item,
  share,
  sharesMemory,
  type TensorArray,
  tensorFromFile,
  toArray,
  toBytes,
  toFloat32,
  toNumbers,
} from "./host.ts";
export { bceWithLogits, type LossOptions, mseLoss } from "./losses.ts";
export {
  allowTf32,
  cudaAvailable,
  cudaDevices,
  deterministic,
  emptyCache,
  freeDeviceMemory,
  getThreads,
  isHere,
  type MemoryStats,
  memoryStats,
  multipliesBfloat16,
  requireDevice,
  resetPeakMemory,
  setThreads,
  synchronize,
} from "./machine.ts";
export { MemoryTrace, type MemoryTraceOptions } from "./memory.ts";
export {
  cat,
  chunk,
  clamp,
  type ClampOptions,
  fill_,
  gridSample,
  type GridSampleOptions,
  isOn,
  lerp,
  lerp_,
  pow,
  roll,
  split,
  squeeze,
  stack,
  unbind,
} from "./ops.ts";
export { operator, type OperatorArgument, type OperatorResult } from "./operator.ts";
export { Generator, generator, manualSeed } from "./random.ts";
export {
  all,
  any,
  max,
  mean,
  min,
  prod,
  quantile,
  type ReduceOptions,
  type SpreadOptions,
  std,
  sum,
  variance,
} from "./reduce.ts";
export { metaCast, placeOf, rehearse } from "./rehearsal.ts";
export { keep, scope, tensorsIn } from "./scope.ts";
export { leakReport, liveBytes, liveTensors, Tensor, trackLeaks } from "./tensor.ts";
export { clearAutocastCache } from "../native/mod.ts";
// Below: written by native/generate_ops.ts.
// deno-fmt-ignore: one name a line would fill pages
export {
  _foreachAdd_, _foreachCopy_, _foreachLerp_, _foreachNorm, _fusedAdamw_, abs, add, add_, addcmul,
  amax, amin, argmax, argmin, asStrided, avgPool2d, avgPool3d, batchNorm, clone, constantPadNd,
  contiguous, conv2d, conv3d, copy_, cos, detach, diagEmbed, div, embedding, emptyLike, eq, erf,
  exp, expand, flatten, flip, gather, gelu, groupNorm, gt, hardtanh, indexSelect, isfinite,
  layerNorm, le, leakyRelu, linalgEigh, linalgSolve, linalgVectorNorm, linear, logSoftmax, matmul,
  maxPool2d, maxPool3d, mkldnnConvolution, mul, mul_, narrow, neg, pad, permute, pixelShuffle, relu,
  reshape, rmsNorm, round, rsqrt, scaledDotProductAttention, select, sigmoid, silu, sin, slice,
  softmax, sqrt, square, sub, tanh, trace, transpose, unsqueeze, upsampleBicubic2dAa,
  upsampleBilinear2d, upsampleBilinear2dAa, upsampleNearest3d, viewDtype, zero_,
} from "./ops_gen.ts";
