// Kernels of isa4d's own, which do in one pass what ATen does in several. They are compiled once for
// each kind of processor (fused_*.cpp) and know nothing of tensors: fused.cpp splits the work among
// threads and calls those that fit the machine.
#pragma once

#include <cstdint>

namespace isa4d::fused {

// Values of a row are consecutive; float32, or bfloat16 where narrow.
struct Values {
  void* data;
  bool narrow;
};

// A row of float32 for each group of rows; `stride` from one to the next.
struct PerGroup {
  const float* data;
  int64_t stride;
};

// LayerNorm over rows of `width`, then · (1 + scale) + shift.
struct NormModulate {
  Values x, y;
  PerGroup shift, scale;
  int64_t group_rows, width;
  float eps;
};

struct NormModulateBackward {
  Values x, dy, dx;
  PerGroup scale;
  // [segment, 2, width]: sums over a segment's rows for shift and scale.
  float* sums;
  int64_t group_rows, segment_rows, segments_per_group, width;
  float eps;
};

// x + gate · branch.
struct AddGated {
  Values x, branch, y;
  PerGroup gate;
  int64_t group_rows, width;
};

struct AddGatedBackward {
  Values dy, branch, dbranch;
  PerGroup gate;
  // [segment, width]
  float* sums;
  int64_t group_rows, segment_rows, segments_per_group, width;
};

// Heads of even width: the first half turns against the second, by tables [positions, width].
struct Rotary {
  Values x, y;
  const float* cos;
  const float* sin;
  int64_t heads, positions, width;
  // In values, of [batch, heads, positions].
  int64_t x_strides[3], y_strides[3];
  // Turns back: the transposed rotation.
  bool inverse;
};

// softmax(scale · q kᵀ + mask) v of each head: q [batch, heads, queries, width], k and v [batch, heads,
// keys, width], by their strides in values; those of a row are consecutive.
struct Attention {
  Values q, k, v, out;
  int64_t q_strides[3], k_strides[3], v_strides[3], out_strides[3];
  // Added to the scores, by strides of [batch, heads, queries]; none: null.
  const float* mask;
  int64_t mask_strides[3];
  int64_t heads, queries, keys, width;
  float scale;
  // log Σ exp of each query's scores, [batch, heads, queries]; null where no gradient is wanted.
  float* log_sums;
};

struct AttentionBackward {
  Attention forward;
  Values dout, dq, dk, dv;
  int64_t dout_strides[3], dq_strides[3], dk_strides[3], dv_strides[3];
};

struct Kernels {
  // All take a half-open range of rows (segments in backward passes, values for GELU).
  void (*norm_modulate)(const NormModulate&, int64_t begin, int64_t end);
  void (*norm_modulate_backward)(const NormModulateBackward&, int64_t begin, int64_t end);
  void (*add_gated)(const AddGated&, int64_t begin, int64_t end);
  void (*add_gated_backward)(const AddGatedBackward&, int64_t begin, int64_t end);
  void (*gelu)(Values x, Values y, int64_t begin, int64_t end);
  void (*gelu_backward)(Values x, Values dy, Values dx, int64_t begin, int64_t end);
  void (*rotary)(const Rotary&, int64_t begin, int64_t end);
  // A range of heads, counted over the batch. `scratch` is a thread's own, of as many floats as
  // the function before says.
  int64_t (*attention_scratch)(const Attention&, bool backward);
  void (*attention)(const Attention&, float* scratch, int64_t begin, int64_t end);
  void (*attention_backward)(const AttentionBackward&, float* scratch, int64_t begin, int64_t end);
};

extern const Kernels default_kernels;
#ifdef ISA4D_X86_KERNELS
extern const Kernels avx2_kernels;
extern const Kernels avx512_kernels;
#endif

}  // namespace isa4d::fused
