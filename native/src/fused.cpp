// isa4d's own operators (fused_kernels.h) in libtorch's dispatcher: as tensors see them, with their
// gradients, their casts under autocast, and their shapes on the meta device.
#include "fused_common.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace isa4d::fused {

const Kernels& kernels() {
#ifdef ISA4D_X86_KERNELS
  static const Kernels& chosen = []() -> const Kernels& {
    // ATEN_CPU_CAPABILITY is obeyed, as by libtorch's own kernels.
    auto capability = at::get_cpu_capability();
    if (capability == "AVX512") return avx512_kernels;
    return capability == "AVX2" ? avx2_kernels : default_kernels;
  }();
  return chosen;
#else
  return default_kernels;
#endif
}

namespace {

using at::Tensor;
using OptionalDtype = std::optional<at::ScalarType>;

// Values that a thread is woken for.
constexpr int64_t kGrain = 1 << 15;

// Rows of `of` that share a row of `part`, whose sizes are those of `of` up to some dimension and 1
// from there on to the last.
int64_t group_rows(const Tensor& of, const Tensor& part, const char* name) {
  int64_t width = of.size(-1);
  TORCH_CHECK_VALUE(
      part.dim() == of.dim() && part.size(-1) == width, "isa4d: ", name, part.sizes(),
      " does not fit ", of.sizes());
  int64_t rows = 1;
  bool own = false;
  for (int64_t dim = of.dim() - 2; dim >= 0; dim--) {
    if (!own && part.size(dim) == 1) {
      rows *= of.size(dim);
      continue;
    }
    TORCH_CHECK_VALUE(
        part.size(dim) == of.size(dim), "isa4d: ", name, part.sizes(), " does not fit ",
        of.sizes());
    own = true;
  }
  return rows;
}

// [..., width] with 1 in any dimension → float32 rows one after another.
Tensor as_rows(const Tensor& part) {
  auto rows = part.reshape({-1, part.size(-1)});
  return rows.stride(-1) == 1 ? rows.to(at::kFloat) : rows.to(at::kFloat).contiguous();
}

PerGroup per_group(const Tensor& rows) {
  return {rows.const_data_ptr<float>(), rows.stride(0)};
}

// Gradients of what groups share are summed by segments of their rows, one a thread.
struct Segments {
  int64_t groups, rows, per_group;
  Segments(int64_t groups, int64_t group_rows) : groups(groups) {
    int64_t wanted = std::max<int64_t>(1, at::get_num_threads() / std::max<int64_t>(1, groups));
    rows = std::max<int64_t>(1, (group_rows + wanted - 1) / wanted);
    per_group = std::max<int64_t>(1, (group_rows + rows - 1) / rows);
  }
  int64_t count() const { return groups * per_group; }
};

int64_t rows_of(const Tensor& x) {
  return x.size(-1) == 0 ? 0 : x.numel() / x.size(-1);
}

template <typename Work>
void over_rows(int64_t rows, int64_t width, Work work) {
  at::parallel_for(0, rows, std::max<int64_t>(1, kGrain / std::max<int64_t>(1, width)), work);
}

// ---- norm(x) · (1 + scale) + shift

Tensor norm_modulate_meta(
    const Tensor& x, const Tensor&, const Tensor&, double, OptionalDtype dtype) {
  return at::empty(x.sizes(), x.options().dtype(dtype.value_or(x.scalar_type())));
}

Tensor norm_modulate_cpu(
    const Tensor& input, const Tensor& shift, const Tensor& scale, double eps,
    OptionalDtype dtype) {
  check_values(input, "x");
  auto x = input.contiguous();
  auto y = at::empty(x.sizes(), x.options().dtype(dtype.value_or(x.scalar_type())));
  check_values(y, "the result");
  int64_t shared = group_rows(x, scale, "scale");
  TORCH_CHECK_VALUE(
      shift.sizes() == scale.sizes(), "isa4d: shift", shift.sizes(), " is not as scale",
      scale.sizes());
  auto shifts = as_rows(shift), scales = as_rows(scale);
  NormModulate job{
      values(x), values(y), per_group(shifts), per_group(scales),
      shared, x.size(-1), static_cast<float>(eps)};
  over_rows(rows_of(x), job.width, [&](int64_t begin, int64_t end) {
    kernels().norm_modulate(job, begin, end);
  });
  return y;
}

std::tuple<Tensor, Tensor, Tensor> norm_modulate_backward(
    const Tensor& given, const Tensor& input, const Tensor& scale, double eps) {
  auto x = input.contiguous(), dy = given.contiguous();
  auto scales = as_rows(scale);
  auto dx = at::empty_like(x);
  int64_t width = x.size(-1), groups = scales.size(0);
  Segments segments(groups, group_rows(x, scale, "scale"));
  auto sums = at::empty({groups, segments.per_group, 2, width}, x.options().dtype(at::kFloat));
  NormModulateBackward job{
      values(x), values(dy), values(dx), per_group(scales), sums.data_ptr<float>(),
      group_rows(x, scale, "scale"), segments.rows, segments.per_group, width,
      static_cast<float>(eps)};
  at::parallel_for(0, segments.count(), 1, [&](int64_t begin, int64_t end) {
    kernels().norm_modulate_backward(job, begin, end);
  });
  auto by_group = segments.per_group == 1 ? sums.squeeze(1) : sums.sum(1);
  return {
      dx, by_group.select(1, 0).reshape(scale.sizes()),
      by_group.select(1, 1).reshape(scale.sizes())};
}

using NormModulateOp = Tensor(const Tensor&, const Tensor&, const Tensor&, double, OptionalDtype);

c10::TypedOperatorHandle<NormModulateOp> norm_modulate_op() {
  static auto op = c10::Dispatcher::singleton()
                       .findSchemaOrThrow("isa4d::norm_modulate", "")
                       .typed<NormModulateOp>();
  return op;
}

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct NormModulateFunction : torch::autograd::Function<NormModulateFunction> {
  static Tensor forward(
      AutogradContext* context, const Tensor& x, const Tensor& shift, const Tensor& scale,
      double eps, OptionalDtype dtype) {
    at::AutoDispatchBelowADInplaceOrView below;
    context->save_for_backward({x, scale});
    context->saved_data["eps"] = eps;
    context->saved_data["shift"] = static_cast<int64_t>(shift.scalar_type());
    return norm_modulate_op().call(x, shift, scale, eps, dtype);
  }
  static variable_list backward(AutogradContext* context, variable_list given) {
    auto saved = context->get_saved_variables();
    auto [dx, dshift, dscale] = norm_modulate_backward(
        given[0], saved[0], saved[1], context->saved_data["eps"].toDouble());
    auto shift_dtype = static_cast<at::ScalarType>(context->saved_data["shift"].toInt());
    return {dx, dshift.to(shift_dtype), dscale.to(saved[1].scalar_type()), Tensor(), Tensor()};
  }
};

Tensor norm_modulate_autograd(
    const Tensor& x, const Tensor& shift, const Tensor& scale, double eps, OptionalDtype dtype) {
  if (recorded({&x, &shift, &scale})) {
    return NormModulateFunction::apply(x, shift, scale, eps, dtype);
  }
  at::AutoDispatchBelowADInplaceOrView below;
  return norm_modulate_op().call(x, shift, scale, eps, dtype);
}

// What follows is a product, and would be cast for it.
Tensor norm_modulate_autocast(
    const Tensor& x, const Tensor& shift, const Tensor& scale, double eps, OptionalDtype dtype) {
  c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::DispatchKey::AutocastCPU);
  return norm_modulate_op().call(
      x, shift, scale, eps, dtype.value_or(at::autocast::get_autocast_dtype(at::kCPU)));
}

// ---- x + gate · branch

Tensor add_gated_meta(const Tensor& x, const Tensor&, const Tensor&) {
  return at::empty(x.sizes(), x.options());
}

Tensor add_gated_cpu(const Tensor& input, const Tensor& gate, const Tensor& given) {
  check_values(input, "x");
  check_values(given, "the branch");
  TORCH_CHECK_VALUE(
      input.sizes() == given.sizes(), "isa4d: x", input.sizes(), " is not as the branch",
      given.sizes());
  auto x = input.contiguous(), branch = given.contiguous();
  auto y = at::empty(x.sizes(), x.options());
  int64_t shared = group_rows(x, gate, "gate");
  auto gates = as_rows(gate);
  AddGated job{values(x), values(branch), values(y), per_group(gates), shared, x.size(-1)};
  over_rows(rows_of(x), job.width, [&](int64_t begin, int64_t end) {
    kernels().add_gated(job, begin, end);
  });
  return y;
}

std::tuple<Tensor, Tensor> add_gated_backward(
    const Tensor& given, const Tensor& gate, const Tensor& saved) {
  auto dy = given.contiguous(), branch = saved.contiguous();
  auto gates = as_rows(gate);
  auto dbranch = at::empty_like(branch);
  int64_t width = branch.size(-1), groups = gates.size(0);
  int64_t shared = group_rows(branch, gate, "gate");
  Segments segments(groups, shared);
  auto sums = at::empty({groups, segments.per_group, width}, gates.options());
  AddGatedBackward job{
      values(dy), values(branch), values(dbranch), per_group(gates), sums.data_ptr<float>(),
      shared, segments.rows, segments.per_group, width};
  at::parallel_for(0, segments.count(), 1, [&](int64_t begin, int64_t end) {
    kernels().add_gated_backward(job, begin, end);
  });
  auto by_group = segments.per_group == 1 ? sums.squeeze(1) : sums.sum(1);
  return {by_group.reshape(gate.sizes()).to(gate.scalar_type()), dbranch};
}

using AddGatedOp = Tensor(const Tensor&, const Tensor&, const Tensor&);

c10::TypedOperatorHandle<AddGatedOp> add_gated_op() {
  static auto op = c10::Dispatcher::singleton()
                       .findSchemaOrThrow("isa4d::add_gated", "")
                       .typed<AddGatedOp>();
  return op;
}

struct AddGatedFunction : torch::autograd::Function<AddGatedFunction> {
  static Tensor forward(
      AutogradContext* context, const Tensor& x, const Tensor& gate, const Tensor& branch) {
    at::AutoDispatchBelowADInplaceOrView below;
    context->save_for_backward({gate, branch});
    return add_gated_op().call(x, gate, branch);
  }
  static variable_list backward(AutogradContext* context, variable_list given) {
    auto saved = context->get_saved_variables();
    auto [dgate, dbranch] = add_gated_backward(given[0], saved[0], saved[1]);
    return {given[0], dgate, dbranch};
  }
};

Tensor add_gated_autograd(const Tensor& x, const Tensor& gate, const Tensor& branch) {
  if (recorded({&x, &gate, &branch})) return AddGatedFunction::apply(x, gate, branch);
  at::AutoDispatchBelowADInplaceOrView below;
  return add_gated_op().call(x, gate, branch);
}

// ---- GELU by tanh

Tensor gelu_meta(const Tensor& x) {
  return at::empty(x.sizes(), x.options());
}

Tensor gelu_cpu(const Tensor& input) {
  check_values(input, "x");
  auto x = input.contiguous();
  auto y = at::empty(x.sizes(), x.options());
  at::parallel_for(0, x.numel(), kGrain / 4, [&](int64_t begin, int64_t end) {
    kernels().gelu(values(x), values(y), begin, end);
  });
  return y;
}

using GeluOp = Tensor(const Tensor&);

c10::TypedOperatorHandle<GeluOp> gelu_op() {
  static auto op =
      c10::Dispatcher::singleton().findSchemaOrThrow("isa4d::gelu_tanh", "").typed<GeluOp>();
  return op;
}

struct GeluFunction : torch::autograd::Function<GeluFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& x) {
    at::AutoDispatchBelowADInplaceOrView below;
    context->save_for_backward({x});
    return gelu_op().call(x);
  }
  static variable_list backward(AutogradContext* context, variable_list given) {
    auto x = context->get_saved_variables()[0].contiguous(), dy = given[0].contiguous();
    auto dx = at::empty_like(x);
    at::parallel_for(0, x.numel(), kGrain / 4, [&](int64_t begin, int64_t end) {
      kernels().gelu_backward(values(x), values(dy), values(dx), begin, end);
    });
    return {dx};
  }
};

Tensor gelu_autograd(const Tensor& x) {
  if (recorded({&x})) return GeluFunction::apply(x);
  at::AutoDispatchBelowADInplaceOrView below;
  return gelu_op().call(x);
}

// ---- rotary positions

Tensor rotary_meta(const Tensor& x, const Tensor&, const Tensor&) {
  return at::empty(x.sizes(), x.options());
}

// x, y [B, N, L, H]
void rotate(const Tensor& x, const Tensor& y, const Tensor& cos, const Tensor& sin, bool inverse) {
  Rotary job{
      values(x), values(y), cos.const_data_ptr<float>(), sin.const_data_ptr<float>(),
      x.size(1), x.size(2), x.size(3),
      {x.stride(0), x.stride(1), x.stride(2)}, {y.stride(0), y.stride(1), y.stride(2)}, inverse};
  over_rows(x.size(0) * x.size(1) * x.size(2), job.width, [&](int64_t begin, int64_t end) {
    kernels().rotary(job, begin, end);
  });
}

Tensor rotary_cpu(const Tensor& given, const Tensor& cos, const Tensor& sin) {
  check_values(given, "x");
  TORCH_CHECK_VALUE(
      given.dim() == 4 && given.size(3) % 2 == 0 && cos.sizes() == given.sizes().slice(2) &&
          sin.sizes() == cos.sizes(),
      "isa4d: tables ", cos.sizes(), " and ", sin.sizes(), " do not turn ", given.sizes());
  auto x = given.stride(3) == 1 ? given : given.contiguous();
  auto y = at::empty(x.sizes(), x.options());
  rotate(x, y, cos.to(at::kFloat).contiguous(), sin.to(at::kFloat).contiguous(), false);
  return y;
}

using RotaryOp = Tensor(const Tensor&, const Tensor&, const Tensor&);

c10::TypedOperatorHandle<RotaryOp> rotary_op() {
  static auto op =
      c10::Dispatcher::singleton().findSchemaOrThrow("isa4d::rotary", "").typed<RotaryOp>();
  return op;
}

struct RotaryFunction : torch::autograd::Function<RotaryFunction> {
  static Tensor forward(
      AutogradContext* context, const Tensor& x, const Tensor& cos, const Tensor& sin) {
    at::AutoDispatchBelowADInplaceOrView below;
    context->save_for_backward({cos, sin});
    context->saved_data["strides"] = x.strides();
    return rotary_op().call(x, cos, sin);
  }
  static variable_list backward(AutogradContext* context, variable_list given) {
    auto saved = context->get_saved_variables();
    auto dy = given[0].stride(3) == 1 ? given[0] : given[0].contiguous();
    // Laid out as x was: what follows joins the heads again.
    auto strides = context->saved_data["strides"].toIntVector();
    bool inside = strides[1] <= strides[2];
    auto dx = inside
        ? at::empty({dy.size(0), dy.size(2), dy.size(1), dy.size(3)}, dy.options()).transpose(1, 2)
        : at::empty(dy.sizes(), dy.options());
    rotate(
        dy, dx, saved[0].to(at::kFloat).contiguous(), saved[1].to(at::kFloat).contiguous(), true);
    return {dx, Tensor(), Tensor()};
  }
};

Tensor rotary_autograd(const Tensor& x, const Tensor& cos, const Tensor& sin) {
  if (recorded({&x})) return RotaryFunction::apply(x, cos, sin);
  at::AutoDispatchBelowADInplaceOrView below;
  return rotary_op().call(x, cos, sin);
}

}  // namespace
}  // namespace isa4d::fused

TORCH_LIBRARY(isa4d, m) {
  m.def(
      "norm_modulate(Tensor x, Tensor shift, Tensor scale, float eps, ScalarType? dtype=None) -> "
      "Tensor");
  m.def("add_gated(Tensor x, Tensor gate, Tensor branch) -> Tensor");
  m.def("gelu_tanh(Tensor x) -> Tensor");
  m.def("rotary(Tensor x, Tensor cos, Tensor sin) -> Tensor");
}

TORCH_LIBRARY_IMPL(isa4d, CPU, m) {
  m.impl("norm_modulate", &isa4d::fused::norm_modulate_cpu);
  m.impl("add_gated", &isa4d::fused::add_gated_cpu);
  m.impl("gelu_tanh", &isa4d::fused::gelu_cpu);
  m.impl("rotary", &isa4d::fused::rotary_cpu);
}

TORCH_LIBRARY_IMPL(isa4d, Meta, m) {
  m.impl("norm_modulate", &isa4d::fused::norm_modulate_meta);
  m.impl("add_gated", &isa4d::fused::add_gated_meta);
  m.impl("gelu_tanh", &isa4d::fused::gelu_meta);
  m.impl("rotary", &isa4d::fused::rotary_meta);
}

TORCH_LIBRARY_IMPL(isa4d, Autograd, m) {
  m.impl("norm_modulate", &isa4d::fused::norm_modulate_autograd);
  m.impl("add_gated", &isa4d::fused::add_gated_autograd);
  m.impl("gelu_tanh", &isa4d::fused::gelu_autograd);
  m.impl("rotary", &isa4d::fused::rotary_autograd);
}

TORCH_LIBRARY_IMPL(isa4d, AutocastCPU, m) {
  m.impl("norm_modulate", &isa4d::fused::norm_modulate_autocast);
}
