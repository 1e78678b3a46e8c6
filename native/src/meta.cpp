// Shapes of results on the meta device for operators that PyTorch knows there only in Python.
// With them whole models can be built and counted without memory. One that libtorch brings itself
// is left alone.
#include <ATen/ATen.h>
#include <ATen/WrapDimUtils.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>

namespace {

using at::IntArrayRef;
using at::OptionalIntArrayRef;
using at::Scalar;
using at::Tensor;
using OptionalTensor = std::optional<Tensor>;

Tensor convolution(
    const Tensor& input, const Tensor& weight, const OptionalTensor&, IntArrayRef stride,
    IntArrayRef padding, IntArrayRef dilation, bool transposed, IntArrayRef output_padding,
    int64_t groups) {
  size_t spatial = input.dim() < 2 ? 0 : input.dim() - 2;
  TORCH_CHECK(
      stride.size() >= spatial && padding.size() >= spatial && dilation.size() >= spatial &&
          (!transposed || output_padding.size() >= spatial),
      "expected stride, padding and dilation of ", spatial, " dimensions");
  for (int64_t step : stride) TORCH_CHECK(step > 0, "expected strides above 0, got ", step);
  std::vector<int64_t> sizes = {
      input.size(0), transposed ? weight.size(1) * groups : weight.size(0)};
  int64_t channels = transposed ? weight.size(0) : weight.size(1) * groups;
  TORCH_CHECK(
      input.size(1) == channels, "expected input", input.sizes(), " to have ", channels,
      " channels, but got ", input.size(1));
  for (int64_t i = 0; i < input.dim() - 2; i++) {
    int64_t span = dilation[i] * (weight.size(i + 2) - 1) + 1;
    int64_t size = input.size(i + 2);
    sizes.push_back(
        transposed ? (size - 1) * stride[i] - 2 * padding[i] + span + output_padding[i]
                   : (size + 2 * padding[i] - span) / stride[i] + 1);
  }
  return input.new_empty(sizes);
}

// Statistics of half-precision inputs are float32.
at::TensorOptions statistics(const Tensor& input) {
  auto type = input.scalar_type();
  bool narrow = type == at::kHalf || type == at::kBFloat16;
  return input.options().dtype(narrow ? at::kFloat : type);
}

std::tuple<Tensor, Tensor, Tensor> layer_norm(
    const Tensor& input, IntArrayRef shape, const OptionalTensor&, const OptionalTensor&, double) {
  auto sizes = input.sizes().vec();
  TORCH_CHECK(
      shape.size() <= sizes.size(), "expected at least ", shape.size(), " dimensions, got ",
      input.sizes());
  for (size_t i = sizes.size() - shape.size(); i < sizes.size(); i++) sizes[i] = 1;
  auto options = statistics(input);
  return {at::empty_like(input), at::empty(sizes, options), at::empty(sizes, options)};
}

std::tuple<Tensor, Tensor, Tensor> group_norm(
    const Tensor& input, const OptionalTensor&, const OptionalTensor&, int64_t batch, int64_t,
    int64_t, int64_t groups, double) {
  auto options = statistics(input);
  return {
      at::empty_like(input), at::empty({batch, groups}, options),
      at::empty({batch, groups}, options)};
}

std::tuple<Tensor, Tensor, Tensor> batch_norm(
    const Tensor& input, const OptionalTensor&, const OptionalTensor&, const OptionalTensor&,
    const OptionalTensor&, bool training, double, double) {
  auto options = statistics(input);
  int64_t channels = training ? input.size(1) : 0;
  return {at::empty_like(input), at::empty({channels}, options), at::empty({channels}, options)};
}

Tensor index_select(const Tensor& self, int64_t dim, const Tensor& index) {
  auto sizes = self.sizes().vec();
  if (!sizes.empty()) sizes[at::maybe_wrap_dim(dim, self.dim())] = index.numel();
  return self.new_empty(sizes);
}

Tensor grid_sampler(const Tensor& input, const Tensor& grid, int64_t, int64_t, bool) {
  std::vector<int64_t> sizes = {input.size(0), input.size(1)};
  for (int64_t i = 1; i < grid.dim() - 1; i++) sizes.push_back(grid.size(i));
  return input.new_empty(sizes);
}

Tensor where(const Tensor& condition, const Tensor& self, const Tensor& other) {
  auto sizes = at::infer_size(condition.sizes(), at::infer_size(self.sizes(), other.sizes()));
  return at::empty(
      sizes, at::TensorOptions().device(at::kMeta).dtype(at::result_type(self, other)));
}

Tensor& where_out(
    const Tensor& condition, const Tensor& self, const Tensor& other, Tensor& out) {
  out.resize_(at::infer_size(condition.sizes(), at::infer_size(self.sizes(), other.sizes())));
  return out;
}

Tensor roll(const Tensor& self, IntArrayRef, IntArrayRef) {
  return at::empty_like(self);
}

Tensor flip(const Tensor& self, IntArrayRef) {
  return at::empty_like(self);
}

std::vector<int64_t> reduced(const Tensor& self, OptionalIntArrayRef dims, bool keepdim) {
  std::vector<bool> drop(self.dim(), !dims.has_value() || dims->empty());
  if (dims.has_value()) {
    for (int64_t dim : *dims) {
      auto at = at::maybe_wrap_dim(dim, self.dim());
      // A single number has a dimension 0 to name, and none to drop.
      if (self.dim() > 0) drop[at] = true;
    }
  }
  std::vector<int64_t> sizes;
  for (int64_t i = 0; i < self.dim(); i++) {
    if (!drop[i]) sizes.push_back(self.size(i));
    else if (keepdim) sizes.push_back(1);
  }
  return sizes;
}

Tensor spread(
    const Tensor& self, OptionalIntArrayRef dims, const std::optional<Scalar>&, bool keepdim) {
  return self.new_empty(reduced(self, dims, keepdim));
}

std::tuple<Tensor, Tensor> spread_and_mean(
    const Tensor& self, OptionalIntArrayRef dims, const std::optional<Scalar>&, bool keepdim) {
  auto sizes = reduced(self, dims, keepdim);
  return {self.new_empty(sizes), self.new_empty(sizes)};
}

Tensor cdist(const Tensor& a, const Tensor& b, double, std::optional<int64_t>) {
  TORCH_CHECK(a.dim() >= 2 && b.dim() >= 2, "expected two tensors of two dimensions or more");
  auto sizes = at::infer_size(a.sizes().slice(0, a.dim() - 2), b.sizes().slice(0, b.dim() - 2));
  sizes.push_back(a.size(-2));
  sizes.push_back(b.size(-2));
  return a.new_empty(sizes);
}

template <typename Kernel>
void fill_gap(torch::Library& library, const char* name, const char* overload, Kernel kernel) {
  auto op = c10::Dispatcher::singleton().findSchema({std::string("aten::") + name, overload});
  if (!op.has_value() || op->hasKernelForDispatchKey(c10::DispatchKey::Meta)) return;
  std::string full = *overload ? std::string(name) + "." + overload : name;
  library.impl(full.c_str(), kernel);
}

}  // namespace

TORCH_LIBRARY_IMPL(aten, Meta, m) {
  fill_gap(m, "convolution_overrideable", "", &convolution);
  fill_gap(m, "native_layer_norm", "", &layer_norm);
  fill_gap(m, "native_group_norm", "", &group_norm);
  fill_gap(m, "native_batch_norm", "", &batch_norm);
  fill_gap(m, "index_select", "", &index_select);
  fill_gap(m, "grid_sampler_2d", "", &grid_sampler);
  fill_gap(m, "grid_sampler_3d", "", &grid_sampler);
  fill_gap(m, "where", "self", &where);
  fill_gap(m, "where", "self_out", &where_out);
  fill_gap(m, "roll", "", &roll);
  fill_gap(m, "flip", "", &flip);
  fill_gap(m, "std", "correction", &spread);
  fill_gap(m, "var", "correction", &spread);
  fill_gap(m, "var_mean", "correction", &spread_and_mean);
  fill_gap(m, "_cdist_forward", "", &cdist);
}
