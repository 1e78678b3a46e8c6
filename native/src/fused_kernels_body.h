// What fused_kernels.h promises, in at::vec; included by one file for each kind of processor.
#include "fused_kernels.h"
#include "fused_vector.h"

#include <cmath>
#include <type_traits>

namespace isa4d::fused {
inline namespace CPU_CAPABILITY {
namespace {

using c10::BFloat16;

// Calls `body` with pointers of the values' own types.
template <typename Body>
void typed(Values a, Body body) {
  if (a.narrow) body(static_cast<BFloat16*>(a.data));
  else body(static_cast<float*>(a.data));
}

template <typename Body>
void typed(Values a, Values b, Body body) {
  typed(a, [&](auto* pa) { typed(b, [&](auto* pb) { body(pa, pb); }); });
}

template <typename Body>
void typed(Values a, Values b, Values c, Body body) {
  typed(a, b, [&](auto* pa, auto* pb) { typed(c, [&](auto* pc) { body(pa, pb, pc); }); });
}

struct Statistics {
  float mean, rstd;
};

template <typename X>
Statistics statistics(const X* x, int64_t width, float eps) {
  Vec total(0.f);
  each(width, [&](int64_t i, auto n) { total = total + load(x + i, n); });
  float mean = sum(total) / static_cast<float>(width);
  Vec centre(mean), squares(0.f);
  each(width, [&](int64_t i, auto n) {
    Vec off = only(load(x + i, n) - centre, n);
    squares = at::vec::fmadd(off, off, squares);
  });
  return {mean, 1.f / std::sqrt(sum(squares) / static_cast<float>(width) + eps)};
}

void norm_modulate(const NormModulate& job, int64_t begin, int64_t end) {
  typed(job.x, job.y, [&](auto* xs, auto* ys) {
    for (int64_t row = begin; row < end; row++) {
      const auto* x = xs + row * job.width;
      auto* y = ys + row * job.width;
      const float* shift = job.shift.data + row / job.group_rows * job.shift.stride;
      const float* scale = job.scale.data + row / job.group_rows * job.scale.stride;
      auto [mean, rstd] = statistics(x, job.width, job.eps);
      Vec centre(mean), factor(rstd), one(1.f);
      each(job.width, [&](int64_t i, auto n) {
        Vec normed = (load(x + i, n) - centre) * factor;
        store(y + i, at::vec::fmadd(normed, load(scale + i, n) + one, load(shift + i, n)), n);
      });
    }
  });
}

void norm_modulate_backward(const NormModulateBackward& job, int64_t begin, int64_t end) {
  typed(job.x, job.dy, job.dx, [&](auto* xs, auto* dys, auto* dxs) {
    const Vec one(1.f);
    for (int64_t segment = begin; segment < end; segment++) {
      int64_t group = segment / job.segments_per_group;
      int64_t part = segment % job.segments_per_group;
      const float* scale = job.scale.data + group * job.scale.stride;
      float* shift_sums = job.sums + segment * 2 * job.width;
      float* scale_sums = shift_sums + job.width;
      std::fill(shift_sums, scale_sums + job.width, 0.f);
      int64_t first = group * job.group_rows + part * job.segment_rows;
      int64_t last = std::min(first + job.segment_rows, (group + 1) * job.group_rows);
      for (int64_t row = first; row < last; row++) {
        const auto* x = xs + row * job.width;
        const auto* dy = dys + row * job.width;
        auto* dx = dxs + row * job.width;
        auto [mean, rstd] = statistics(x, job.width, job.eps);
        Vec centre(mean), factor(rstd), total(0.f), along(0.f);
        each(job.width, [&](int64_t i, auto n) {
          Vec normed = only((load(x + i, n) - centre) * factor, n);
          Vec given = load(dy + i, n);
          store(shift_sums + i, load(shift_sums + i, n) + given, n);
          store(scale_sums + i, at::vec::fmadd(given, normed, load(scale_sums + i, n)), n);
          Vec through = given * (load(scale + i, n) + one);
          total = total + through;
          along = at::vec::fmadd(through, normed, along);
        });
        Vec mean_total(sum(total) / static_cast<float>(job.width));
        Vec mean_along(sum(along) / static_cast<float>(job.width));
        each(job.width, [&](int64_t i, auto n) {
          Vec normed = (load(x + i, n) - centre) * factor;
          Vec through = load(dy + i, n) * (load(scale + i, n) + one);
          store(dx + i, (through - mean_total - normed * mean_along) * factor, n);
        });
      }
    }
  });
}

void add_gated(const AddGated& job, int64_t begin, int64_t end) {
  typed(job.x, job.branch, job.y, [&](auto* xs, auto* branches, auto* ys) {
    for (int64_t row = begin; row < end; row++) {
      const auto* x = xs + row * job.width;
      const auto* branch = branches + row * job.width;
      auto* y = ys + row * job.width;
      const float* gate = job.gate.data + row / job.group_rows * job.gate.stride;
      each(job.width, [&](int64_t i, auto n) {
        store(y + i, at::vec::fmadd(load(gate + i, n), load(branch + i, n), load(x + i, n)), n);
      });
    }
  });
}

void add_gated_backward(const AddGatedBackward& job, int64_t begin, int64_t end) {
  typed(job.dy, job.branch, [&](auto* dys, auto* branches) {
    using Branch = std::remove_pointer_t<decltype(branches)>;
    auto* dbranches = static_cast<Branch*>(job.dbranch.data);
    for (int64_t segment = begin; segment < end; segment++) {
      int64_t group = segment / job.segments_per_group;
      int64_t part = segment % job.segments_per_group;
      const float* gate = job.gate.data + group * job.gate.stride;
      float* sums = job.sums + segment * job.width;
      std::fill(sums, sums + job.width, 0.f);
      int64_t first = group * job.group_rows + part * job.segment_rows;
      int64_t last = std::min(first + job.segment_rows, (group + 1) * job.group_rows);
      for (int64_t row = first; row < last; row++) {
        const auto* dy = dys + row * job.width;
        const auto* branch = branches + row * job.width;
        auto* dbranch = dbranches + row * job.width;
        each(job.width, [&](int64_t i, auto n) {
          Vec given = load(dy + i, n);
          store(dbranch + i, given * load(gate + i, n), n);
          store(sums + i, at::vec::fmadd(given, load(branch + i, n), load(sums + i, n)), n);
        });
      }
    }
  });
}

// GELU by tanh is x · sigmoid(2u), u = √(2/π) · (x + 0.044715 x³).
constexpr float kTwice = 2 * 0.7978845608028654f;
constexpr float kCube = 0.044715f;

inline Vec sigmoid(Vec x) {
  // Beyond ±88 exp leaves float32.
  Vec bounded = at::vec::clamp(x, Vec(-88.f), Vec(88.f));
  return Vec(1.f) / (Vec(1.f) + bounded.neg().exp_u20());
}

void gelu(Values x, Values y, int64_t begin, int64_t end) {
  typed(x, y, [&](auto* xs, auto* ys) {
    each(end - begin, [&](int64_t i, auto n) {
      Vec x = load(xs + begin + i, n);
      Vec twice = Vec(kTwice) * x * at::vec::fmadd(Vec(kCube) * x, x, Vec(1.f));
      store(ys + begin + i, x * sigmoid(twice), n);
    });
  });
}

void gelu_backward(Values x, Values dy, Values dx, int64_t begin, int64_t end) {
  typed(x, dy, dx, [&](auto* xs, auto* dys, auto* dxs) {
    each(end - begin, [&](int64_t i, auto n) {
      Vec x = load(xs + begin + i, n);
      Vec square = x * x;
      Vec s = sigmoid(Vec(kTwice) * x * at::vec::fmadd(Vec(kCube), square, Vec(1.f)));
      Vec slope = Vec(kTwice) * at::vec::fmadd(Vec(3 * kCube), square, Vec(1.f));
      Vec d = at::vec::fmadd(x * slope, s * (Vec(1.f) - s), s);
      store(dxs + begin + i, load(dys + begin + i, n) * d, n);
    });
  });
}

// Rows are (batch, head, position).
void rotary(const Rotary& job, int64_t begin, int64_t end) {
  const int64_t half = job.width / 2;
  const Vec sign(job.inverse ? -1.f : 1.f);
  typed(job.x, job.y, [&](auto* xs, auto* ys) {
    for (int64_t row = begin; row < end; row++) {
      int64_t position = row % job.positions;
      int64_t head = row / job.positions % job.heads;
      int64_t batch = row / job.positions / job.heads;
      const auto* x = xs + batch * job.x_strides[0] + head * job.x_strides[1] +
          position * job.x_strides[2];
      auto* y = ys + batch * job.y_strides[0] + head * job.y_strides[1] +
          position * job.y_strides[2];
      const float* cos = job.cos + position * job.width;
      const float* sin = job.sin + position * job.width;
      each(half, [&](int64_t i, auto n) {
        Vec a = load(x + i, n), b = load(x + half + i, n);
        // The transposed rotation takes each sine where the other half has it.
        Vec sin_a = load(sin + (job.inverse ? half : 0) + i, n) * sign;
        Vec sin_b = load(sin + (job.inverse ? 0 : half) + i, n) * sign;
        store(y + i, a * load(cos + i, n) - b * sin_a, n);
        store(y + half + i, at::vec::fmadd(a, sin_b, b * load(cos + half + i, n)), n);
      });
    }
  });
}

}  // namespace

}  // namespace CPU_CAPABILITY
}  // namespace isa4d::fused
