/**
 * Tensors over libtorch: functions on explicit memory. Inside a `scope` intermediate results need no
 * care; outside, the caller owns each result.
 * @module
 */

export {
  autocast,
  type AutocastOptions,
  enableGrad,
  grad,
  type GradOptions,
  inferenceMode,
  noGrad,
} from "./autograd.ts";
export { type CallRecord, onCall } from "./call.ts";
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
export { type Device, type DType, dtypeBytes, isFloating } from "./dtype.ts";
export { _foreachAdd, _foreachAdd_, _foreachDiv_, _foreachMul, _foreachMul_ } from "./foreach.ts";
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
export {
  bceWithLogits,
  crossEntropy,
  huberLoss,
  l1Loss,
  type LossOptions,
  mseLoss,
  nllLoss,
  smoothL1Loss,
} from "./losses.ts";
export {
  allowTf32,
  cudaAvailable,
  cudaDevices,
  deterministic,
  emptyCache,
  getThreads,
  type MemoryStats,
  memoryStats,
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
  clamp_,
  type ClampOptions,
  dropout,
  fill_,
  gridSample,
  type GridSampleOptions,
  isOn,
  lerp,
  lerp_,
  maskedFill,
  pow,
  roll,
  split,
  squeeze,
  stack,
  unbind,
} from "./ops.ts";
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
// deno-fmt-ignore: one name a line would fill pages
export {
  _foreachCopy_, _foreachLerp, _foreachLerp_, _foreachNorm, _foreachSqrt, _foreachSub,
  _foreachZero_, _fusedAdamw_, _fusedAdamwTensorLr_, _unique2, abs, acos, adaptiveAvgPool2d,
  adaptiveAvgPool3d, add, add_, addbmm, addcdiv, addcdiv_, addcmul, addcmul_, addmm, addmm_,
  affineGridGenerator, alias, allclose, amax, amin, aminmax, argmax, argmin, argsort, asin,
  asStrided, atan, atan2, avgPool1d, avgPool2d, avgPool3d, baddbmm, baddbmm_, batchNorm,
  bernoulli, bernoulli_, bincount, bitwiseAnd, bitwiseNot, bitwiseOr, bmm, broadcastTensors,
  bucketize, cdist, ceil, clampTensor, clone, col2im, constantPadNd, contiguous, conv1d, conv2d,
  conv3d, convTranspose1d, convTranspose2d, convTranspose3d, copy_, cos, cosh, cosineSimilarity,
  countNonzero, cumprod, cumsum, detach, diag, diagEmbed, diagonal, diff, div, div_, divMode, dot,
  einsum, elu, embedding, emptyLike, eq, equal, erf, erfinv, exp, exp2, exp_, expand, expandAs,
  expm1, exponential_, flatten, flip, floor, fmax, fmin, fmod, frac, fullLike, gather, ge, gelu,
  glu, groupNorm, gt, hardtanh, histc, hypot, im2col, index, indexAdd, indexAdd_, indexCopy,
  indexCopy_, indexPut_, indexSelect, instanceNorm, isclose, isfinite, isinf, isnan, isNonzero,
  isSetTo, layerNorm, le, leakyRelu, linalgCholesky, linalgCross, linalgEigh, linalgInv,
  linalgMatrixNorm, linalgQr, linalgSolve, linalgSvd, linalgVectorNorm, linear, log, log10, log1p,
  log2, logicalAnd, logicalNot, logicalOr, logicalXor, logSigmoid, logSoftmax, logsumexp, lt,
  maskedFill_, maskedSelect, matmul, maxDim, maximum, maxPool2d, maxPool3d, median, meshgrid,
  minDim, minimum, mish, mm, movedim, mul, mul_, multinomial, mv, nanToNum, nanToNum_, narrow,
  nativeLayerNorm, ne, neg, neg_, nonzero, norm, normal_, oneHot, onesLike, outer, pad, permute,
  pixelShuffle, pixelUnshuffle, pow_, randLike, randnLike, reciprocal, reciprocal_, relu, relu_,
  remainder, repeat, repeatInterleave, reshape, rmsNorm, rot90, round, round_, roundDecimals,
  rsqrt, scaledDotProductAttention, scatter, scatterAdd, scatterAdd_, searchsorted, select,
  sigmoid, sign, silu, silu_, sin, sinh, slice, softmax, softplus, sort, sqrt, sqrt_, square, sub,
  sub_, svd, t, takeAlongDim, tan, tanh, tensordot, tile, topk, trace, transpose, tril, triu,
  trunc, unflatten, unfold, uniform_, uniqueDim, unsqueeze, upsampleBicubic2d,
  upsampleBicubic2dAa, upsampleBilinear2d, upsampleBilinear2dAa, upsampleNearest1d,
  upsampleNearest2d, upsampleNearest3d, upsampleTrilinear3d, varMean, view, viewDtype, where,
  zero_, zerosLike,
} from "./ops_gen.ts";
