// Tensor handles, and copies between tensors and the caller's memory.
#include "isa4d.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

using namespace isa4d;

ISA4D_EXPORT void isa4d_free(double handle) {
  auto* impl = from_word<c10::TensorImpl>(handle);
  if (impl != nullptr) c10::intrusive_ptr<c10::TensorImpl>::reclaim(impl);
}

// arguments: dtype, number of dimensions, sizes. The bytes are copied.
ISA4D_EXPORT int32_t isa4d_from_bytes(const void* bytes, double size) {
  return guarded([&] {
    auto length = static_cast<int64_t>(size);
    Reader reader;
    auto dtype = static_cast<at::ScalarType>(reader.integer());
    int64_t dimensions = reader.integer();
    const double* words = reader.take(dimensions);
    std::vector<int64_t> sizes(words, words + dimensions);
    at::Tensor tensor = at::empty(sizes, at::TensorOptions().dtype(dtype));
    TORCH_CHECK_VALUE(
        static_cast<int64_t>(tensor.nbytes()) == length, "shape ", tensor.sizes(), " of ",
        dtype, " takes ", tensor.nbytes(), " bytes, ", length, " were given");
    if (length > 0) std::memcpy(tensor.mutable_data_ptr(), bytes, length);
    Writer().tensor(std::move(tensor));
  });
}

// Any device and layout; `size` is how many bytes the caller holds.
ISA4D_EXPORT int32_t isa4d_to_bytes(double handle, void* bytes, double size) {
  return guarded([&] {
    auto length = static_cast<int64_t>(size);
    c10::NoGradGuard no_grad;
    at::Tensor tensor = tensor_of(handle).detach().cpu().contiguous();
    if (tensor.is_neg()) tensor = tensor.resolve_neg();
    TORCH_CHECK_VALUE(
        static_cast<int64_t>(tensor.nbytes()) == length, "the tensor holds ", tensor.nbytes(),
        " bytes, the buffer ", length);
    if (length > 0) std::memcpy(bytes, tensor.const_data_ptr(), length);
  });
}

// The value of a tensor with one element, as a double in results[0].
ISA4D_EXPORT int32_t isa4d_item(double handle) {
  return guarded([&] {
    at::Scalar value = tensor_of(handle).item();
    arenas.results[0] = value.toDouble();
  });
}

// Handles to the same tensor share it; this gives a second owner.
ISA4D_EXPORT int32_t isa4d_share(double handle) {
  return guarded([&] { Writer().tensor(tensor_of(handle)); });
}

// Where the tensor's first element lies, for tests of aliasing; in results[0].
ISA4D_EXPORT int32_t isa4d_data_address(double handle) {
  return guarded([&] { arenas.results[0] = to_word(tensor_of(handle).const_data_ptr()); });
}

ISA4D_EXPORT int32_t isa4d_is_contiguous(double handle) {
  return guarded([&] { arenas.results[0] = tensor_of(handle).is_contiguous() ? 1 : 0; });
}
