// Tensor handles, and copies between tensors and the caller's memory.
#include "isa4d.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <c10/util/safe_numerics.h>

using namespace isa4d;

namespace {

// Refuses a shape before memory is taken for it.
void check_size(at::IntArrayRef sizes, at::ScalarType dtype, int64_t given) {
  uint64_t bytes = c10::elementSize(dtype);
  bool fits = true;
  for (int64_t size : sizes) {
    TORCH_CHECK_VALUE(size >= 0, "shape ", sizes, " has a negative size");
    fits = fits && !c10::mul_overflows(bytes, static_cast<uint64_t>(size), &bytes);
  }
  TORCH_CHECK_VALUE(
      fits && bytes == static_cast<uint64_t>(given), "shape ", sizes, " of ", dtype, " takes ",
      fits ? std::to_string(bytes) : "too many", " bytes, ", given, " were given");
}

}  // namespace

ISA4D_EXPORT int32_t isa4d_free(double handle) {
  return guarded([&] { arenas.held->tensors.take(handle); });
}

// arguments: dtype, number of dimensions, sizes. The bytes are copied.
ISA4D_EXPORT int32_t isa4d_from_bytes(const void* bytes, double size) {
  return guarded([&] {
    int64_t length = whole(size);
    Reader reader;
    auto dtype = dtype_of(reader.number());
    int64_t dimensions = reader.integer();
    const double* words = reader.take(dimensions);
    std::vector<int64_t> sizes;
    for (int64_t i = 0; i < dimensions; i++) sizes.push_back(whole(words[i]));
    check_size(sizes, dtype, length);
    at::Tensor tensor = at::empty(sizes, at::TensorOptions().dtype(dtype));
    if (length > 0) std::memcpy(tensor.mutable_data_ptr(), bytes, length);
    Writer().tensor(std::move(tensor));
  });
}

// Any device and layout; `size` is how many bytes the caller holds.
ISA4D_EXPORT int32_t isa4d_to_bytes(double handle, void* bytes, double size) {
  return guarded([&] {
    int64_t length = whole(size);
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
    arenas.results[0] = tensor_of(handle).item().toDouble();
  });
}

// Handles to the same tensor share it; this gives a second owner.
ISA4D_EXPORT int32_t isa4d_share(double handle) {
  return guarded([&] { Writer().tensor(tensor_of(handle)); });
}

// Where the tensor's first element lies, for tests of aliasing; in results[0].
ISA4D_EXPORT int32_t isa4d_data_address(double handle) {
  return guarded([&] {
    arenas.results[0] = address_word(tensor_of(handle).const_data_ptr());
  });
}

// Which memory the tensor lies in, also where there is none behind it (meta), and how many bytes that
// is, its other owners' included; in results[0] and results[1].
ISA4D_EXPORT int32_t isa4d_storage(double handle) {
  return guarded([&] {
    const c10::Storage& storage = tensor_of(handle).storage();
    arenas.results[0] = address_word(storage.unsafeGetStorageImpl());
    arenas.results[1] = static_cast<double>(storage.nbytes());
  });
}

ISA4D_EXPORT int32_t isa4d_is_contiguous(double handle) {
  return guarded([&] {
    arenas.results[0] = tensor_of(handle).is_contiguous() ? 1 : 0;
  });
}
