// Vectors of float32 that are read from and written to float32 or bfloat16 alike.
#pragma once

#include <ATen/cpu/vec/functional.h>
#include <ATen/cpu/vec/vec.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace isa4d::fused {
inline namespace CPU_CAPABILITY {

using Vec = at::vec::Vectorized<float>;
using Narrow = at::vec::Vectorized<c10::BFloat16>;
constexpr int64_t kLanes = Vec::size();

inline Vec load(const float* from, int64_t count = kLanes) {
  return Vec::loadu(from, count);
}

inline Vec load(const c10::BFloat16* from, int64_t count = kLanes) {
  return at::vec::convert<float>(Narrow::loadu(from, count));
}

inline void store(float* to, Vec value, int64_t count = kLanes) {
  value.store(to, count);
}

inline void store(c10::BFloat16* to, Vec value, int64_t count = kLanes) {
  at::vec::convert<c10::BFloat16>(value).store(to, count);
}

inline float sum(Vec value) {
  return at::vec::vec_reduce_all<float>([](const Vec& a, const Vec& b) { return a + b; }, value);
}

// Calls `body(offset, count)` for whole vectors of `width` values, their count known to the compiler,
// then for what is left.
template <typename Body>
inline void each(int64_t width, Body body) {
  int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) body(i, std::integral_constant<int64_t, kLanes>{});
  if (i < width) body(i, width - i);
}

// Zero beyond `count`, where a body made something of nothing.
inline Vec only(Vec value, int64_t count) {
  return count == kLanes ? value : Vec::set(Vec(0.f), value, count);
}

}  // namespace CPU_CAPABILITY
}  // namespace isa4d::fused
