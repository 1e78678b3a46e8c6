// Attention over short sequences, one head after another: scores of a block of queries lie in the
// cache, so nothing of them goes to memory. All products are in float32.
#include "fused_kernels.h"
#include "fused_vector.h"

#include <cmath>
#include <limits>

namespace isa4d::fused {
inline namespace CPU_CAPABILITY {
namespace {

// Floats that the scores of a block of queries may take.
constexpr int64_t kBlock = 1 << 14;

int64_t padded(int64_t count) {
  return (count + kLanes - 1) / kLanes * kLanes;
}

// A matrix whose element (row, k) lies at row · row_stride + k · inner_stride.
struct Left {
  const float* data;
  int64_t row_stride, inner_stride;
  Left at(int64_t row) const { return {data + row * row_stride, row_stride, inner_stride}; }
};

template <int Rows, int Vectors>
inline void tile(
    Left a, const float* b, int64_t b_stride, float* c, int64_t c_stride, int64_t inner, bool add) {
  Vec sums[Rows][Vectors];
  for (int r = 0; r < Rows; r++) {
    for (int v = 0; v < Vectors; v++) {
      sums[r][v] = add ? Vec::loadu(c + r * c_stride + v * kLanes) : Vec(0.f);
    }
  }
  for (int64_t k = 0; k < inner; k++) {
    Vec right[Vectors];
    for (int v = 0; v < Vectors; v++) right[v] = Vec::loadu(b + k * b_stride + v * kLanes);
    for (int r = 0; r < Rows; r++) {
      Vec left(a.data[r * a.row_stride + k * a.inner_stride]);
      for (int v = 0; v < Vectors; v++) sums[r][v] = at::vec::fmadd(left, right[v], sums[r][v]);
    }
  }
  for (int r = 0; r < Rows; r++) {
    for (int v = 0; v < Vectors; v++) sums[r][v].store(c + r * c_stride + v * kLanes);
  }
}

// As many sums as registers hold, and as many as hide an FMA's latency.
#if defined(CPU_CAPABILITY_AVX512)
constexpr int kTileVectors = 4, kTallRows = 8;
#else
constexpr int kTileVectors = 2, kTallRows = 4;
#endif

template <int Vectors>
void columns(
    Left a, const float* b, int64_t b_stride, float* c, int64_t c_stride, int64_t rows,
    int64_t inner, bool add) {
  constexpr int kMany = Vectors <= 2 ? kTallRows : 4;
  int64_t row = 0;
  for (; row + kMany <= rows; row += kMany) {
    tile<kMany, Vectors>(a.at(row), b, b_stride, c + row * c_stride, c_stride, inner, add);
  }
  for (; row + 2 <= rows; row += 2) {
    tile<2, Vectors>(a.at(row), b, b_stride, c + row * c_stride, c_stride, inner, add);
  }
  if (row < rows) {
    tile<1, Vectors>(a.at(row), b, b_stride, c + row * c_stride, c_stride, inner, add);
  }
}

// c [rows, width] = a [rows, inner] · b [inner, width], or is added to; `width` in whole vectors.
void multiply(
    Left a, const float* b, int64_t b_stride, float* c, int64_t c_stride, int64_t rows,
    int64_t width, int64_t inner, bool add) {
  int64_t at = 0;
  for (; at + kTileVectors * kLanes <= width; at += kTileVectors * kLanes) {
    columns<kTileVectors>(a, b + at, b_stride, c + at, c_stride, rows, inner, add);
  }
  if (kTileVectors > 2 && at + 2 * kLanes <= width) {
    columns<2>(a, b + at, b_stride, c + at, c_stride, rows, inner, add);
    at += 2 * kLanes;
  }
  if (at < width) columns<1>(a, b + at, b_stride, c + at, c_stride, rows, inner, add);
}

// A head's rows as float32 of padded width, times a factor.
template <typename X>
void pack(
    const X* x, int64_t stride, int64_t rows, int64_t width, float factor, float* to) {
  int64_t wide = padded(width);
  const Vec times(factor);
  for (int64_t row = 0; row < rows; row++) {
    float* out = to + row * wide;
    each(width, [&](int64_t i, auto n) {
      only(load(x + row * stride + i, n) * times, n).store(out + i);
    });
  }
}

// [rows, wide] → [width, padded rows], zero beyond.
void turn(const float* from, int64_t rows, int64_t width, float* to) {
  int64_t wide = padded(width), high = padded(rows);
  for (int64_t i = 0; i < width; i++) {
    for (int64_t row = 0; row < rows; row++) to[i * high + row] = from[row * wide + i];
    for (int64_t row = rows; row < high; row++) to[i * high + row] = 0.f;
  }
}

template <typename X>
void unpack(const float* from, int64_t rows, int64_t width, float factor, X* to, int64_t stride) {
  int64_t wide = padded(width);
  const Vec times(factor);
  for (int64_t row = 0; row < rows; row++) {
    each(width, [&](int64_t i, auto n) {
      store(to + row * stride + i, load(from + row * wide + i, n) * times, n);
    });
  }
}

struct Head {
  int64_t batch, head;
  int64_t offset(const int64_t (&strides)[3]) const {
    return batch * strides[0] + head * strides[1];
  }
};

void pack_head(
    Values x, const int64_t (&strides)[3], Head place, int64_t first, int64_t rows, int64_t width,
    float factor, float* to) {
  int64_t at = place.offset(strides) + first * strides[2];
  if (x.narrow) {
    pack(static_cast<const c10::BFloat16*>(x.data) + at, strides[2], rows, width, factor, to);
  } else {
    pack(static_cast<const float*>(x.data) + at, strides[2], rows, width, factor, to);
  }
}

void unpack_head(
    const float* from, Values x, const int64_t (&strides)[3], Head place, int64_t first,
    int64_t rows, int64_t width, float factor) {
  int64_t at = place.offset(strides) + first * strides[2];
  if (x.narrow) {
    unpack(from, rows, width, factor, static_cast<c10::BFloat16*>(x.data) + at, strides[2]);
  } else {
    unpack(from, rows, width, factor, static_cast<float*>(x.data) + at, strides[2]);
  }
}

int64_t block_rows(const Attention& job) {
  int64_t rows = std::max<int64_t>(kTallRows, kBlock / padded(job.keys) / kTallRows * kTallRows);
  return std::min(rows, job.queries);
}

// A thread's memory, cut up.
struct Scratch {
  float *keys_turned, *values, *queries, *scores, *sums;               // both ways
  float *keys, *values_turned, *douts, *dscores, *dkeys, *dvalues;     // backward alone
  int64_t total;

  Scratch(const Attention& job, bool backward, float* base) : total(0) {
    int64_t wide = padded(job.width), high = padded(job.keys), rows = block_rows(job);
    auto take = [&](int64_t count) {
      float* at = base + total;
      total += padded(count);
      return at;
    };
    keys_turned = take(job.width * high);
    values = take(job.keys * wide);
    queries = take(rows * wide);
    scores = take(rows * high);
    sums = take(rows * wide);
    if (!backward) return;
    keys = take(job.keys * wide);
    values_turned = take(job.width * high);
    douts = take(rows * wide);
    dscores = take(rows * high);
    dkeys = take(job.keys * wide);
    dvalues = take(job.keys * wide);
  }
};

int64_t attention_scratch(const Attention& job, bool backward) {
  static float none;
  // Forward packs keys where backward keeps them.
  return Scratch(job, backward, &none).total + job.keys * padded(job.width);
}

const float* mask_of(const Attention& job, Head place, int64_t query) {
  if (job.mask == nullptr) return nullptr;
  return job.mask + place.offset(job.mask_strides) + query * job.mask_strides[2];
}

// Scores of a block: q kᵀ + mask, minus infinity beyond the keys.
void score(const Attention& job, const Scratch& own, Head place, int64_t first, int64_t rows) {
  int64_t wide = padded(job.width), high = padded(job.keys);
  multiply(
      {own.queries, wide, 1}, own.keys_turned, high, own.scores, high, rows, high, job.width,
      false);
  for (int64_t row = 0; row < rows; row++) {
    float* scores = own.scores + row * high;
    for (int64_t i = job.keys; i < high; i++) scores[i] = -std::numeric_limits<float>::infinity();
    const float* mask = mask_of(job, place, first + row);
    if (mask == nullptr) continue;
    each(job.keys, [&](int64_t i, auto n) {
      store(scores + i, load(scores + i, n) + load(mask + i, n), n);
    });
  }
}

// Exponentials of a row in place of its scores; their sum.
float exponentials(float* scores, int64_t high, float off) {
  Vec total(0.f);
  const Vec shift(off), least(-87.f), zero(0.f);
  for (int64_t i = 0; i < high; i += kLanes) {
    Vec at = Vec::loadu(scores + i) - shift;
    Vec value = Vec::blendv(at.exp_u20(), zero, at < least);
    value.store(scores + i);
    total = total + value;
  }
  return sum(total);
}

void attention(const Attention& job, float* scratch, int64_t begin, int64_t end) {
  const Scratch own(job, false, scratch);
  float* keys = scratch + own.total;
  int64_t wide = padded(job.width), high = padded(job.keys), step = block_rows(job);
  for (int64_t index = begin; index < end; index++) {
    Head place{index / job.heads, index % job.heads};
    pack_head(job.k, job.k_strides, place, 0, job.keys, job.width, 1.f, keys);
    turn(keys, job.keys, job.width, own.keys_turned);
    pack_head(job.v, job.v_strides, place, 0, job.keys, job.width, 1.f, own.values);
    for (int64_t first = 0; first < job.queries; first += step) {
      int64_t rows = std::min(step, job.queries - first);
      pack_head(job.q, job.q_strides, place, first, rows, job.width, job.scale, own.queries);
      score(job, own, place, first, rows);
      for (int64_t row = 0; row < rows; row++) {
        float* scores = own.scores + row * high;
        Vec most = Vec::loadu(scores);
        for (int64_t i = kLanes; i < high; i += kLanes) {
          most = at::vec::maximum(most, Vec::loadu(scores + i));
        }
        float largest = at::vec::vec_reduce_all<float>(
            [](const Vec& a, const Vec& b) { return at::vec::maximum(a, b); }, most);
        float total = exponentials(scores, high, largest);
        const Vec share(1.f / total);
        for (int64_t i = 0; i < high; i += kLanes) {
          (Vec::loadu(scores + i) * share).store(scores + i);
        }
        if (job.log_sums != nullptr) {
          job.log_sums[index * job.queries + first + row] = largest + std::log(total);
        }
      }
      multiply(
          {own.scores, high, 1}, own.values, wide, own.sums, wide, rows, wide, job.keys, false);
      unpack_head(own.sums, job.out, job.out_strides, place, first, rows, job.width, 1.f);
    }
  }
}

void attention_backward(const AttentionBackward& all, float* scratch, int64_t begin, int64_t end) {
  const Attention& job = all.forward;
  const Scratch own(job, true, scratch);
  int64_t wide = padded(job.width), high = padded(job.keys), step = block_rows(job);
  for (int64_t index = begin; index < end; index++) {
    Head place{index / job.heads, index % job.heads};
    pack_head(job.k, job.k_strides, place, 0, job.keys, job.width, 1.f, own.keys);
    turn(own.keys, job.keys, job.width, own.keys_turned);
    pack_head(job.v, job.v_strides, place, 0, job.keys, job.width, 1.f, own.values);
    turn(own.values, job.keys, job.width, own.values_turned);
    std::fill(own.dkeys, own.dkeys + job.keys * wide, 0.f);
    std::fill(own.dvalues, own.dvalues + job.keys * wide, 0.f);
    for (int64_t first = 0; first < job.queries; first += step) {
      int64_t rows = std::min(step, job.queries - first);
      pack_head(job.q, job.q_strides, place, first, rows, job.width, job.scale, own.queries);
      pack_head(all.dout, all.dout_strides, place, first, rows, job.width, 1.f, own.douts);
      score(job, own, place, first, rows);
      multiply(
          {own.douts, wide, 1}, own.values_turned, high, own.dscores, high, rows, high, job.width,
          false);
      for (int64_t row = 0; row < rows; row++) {
        float* scores = own.scores + row * high;
        float* dscores = own.dscores + row * high;
        exponentials(scores, high, job.log_sums[index * job.queries + first + row]);
        // Not by way of the result, which bfloat16 has rounded: then a row's sum is 0, as it must be.
        Vec along(0.f);
        for (int64_t i = 0; i < high; i += kLanes) {
          along = at::vec::fmadd(Vec::loadu(scores + i), Vec::loadu(dscores + i), along);
        }
        const Vec mean(sum(along));
        for (int64_t i = 0; i < high; i += kLanes) {
          (Vec::loadu(scores + i) * (Vec::loadu(dscores + i) - mean)).store(dscores + i);
        }
      }
      multiply(
          {own.scores, 1, high}, own.douts, wide, own.dvalues, wide, job.keys, wide, rows, true);
      multiply(
          {own.dscores, 1, high}, own.queries, wide, own.dkeys, wide, job.keys, wide, rows, true);
      multiply(
          {own.dscores, high, 1}, own.keys, wide, own.sums, wide, rows, wide, job.keys, false);
      unpack_head(own.sums, all.dq, all.dq_strides, place, first, rows, job.width, job.scale);
    }
    // The queries were scaled already.
    unpack_head(own.dkeys, all.dk, all.dk_strides, place, 0, job.keys, job.width, 1.f);
    unpack_head(own.dvalues, all.dv, all.dv_strides, place, 0, job.keys, job.width, 1.f);
  }
}

}  // namespace
}  // namespace CPU_CAPABILITY
}  // namespace isa4d::fused
