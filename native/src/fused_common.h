// Between tensors and the kernels of fused_kernels.h.
#pragma once

#include "fused_kernels.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <initializer_list>

namespace isa4d::fused {

// Those that fit this machine.
const Kernels& kernels();

inline void check_values(const at::Tensor& x, const char* name) {
  TORCH_CHECK_TYPE(
      x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16, "isa4d: ", name, " is ",
      x.scalar_type(), ", expected float32 or bfloat16");
}

inline Values values(const at::Tensor& x) {
  return {x.data_ptr(), x.scalar_type() == at::kBFloat16};
}

// Whether a gradient will be asked for.
inline bool recorded(std::initializer_list<const at::Tensor*> inputs) {
  if (!c10::GradMode::is_enabled()) return false;
  return std::any_of(inputs.begin(), inputs.end(), [](auto* x) { return x->requires_grad(); });
}

}  // namespace isa4d::fused
