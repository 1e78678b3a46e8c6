// What each thread registers, and the values in which all functions speak.
#include "isa4d.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace isa4d {

constinit thread_local Arenas arenas;

namespace {

Held& held() {
  thread_local OfThread<Held> held;
  return *held.object;
}

}  // namespace

bool on_main_thread() {
  return syscall(SYS_gettid) == getpid();
}

Held::~Held() {
  arenas = {};
  while (!inference.empty()) inference.pop_back();
}

void Writer::tensor(at::Tensor tensor) {
  reserve(words_of(tensor));
  if (!tensor.defined()) return word(kNone);
  auto sizes = tensor.sizes();
  *next_++ = kTensor;
  double* handle = next_++;
  *next_++ = static_cast<double>(static_cast<int8_t>(tensor.scalar_type()));
  *next_++ = device_word(tensor.device());
  *next_++ = static_cast<double>(sizes.size());
  for (int64_t size : sizes) *next_++ = static_cast<double>(size);
  *handle = handle_of(std::move(tensor));
}

c10::Device device_of(double word) {
  int64_t code = whole(word);
  auto type = static_cast<c10::DeviceType>(code >= 0 && code < 32768 ? code / 256 : -1);
  int64_t index = code % 256 - 1;
  bool offered = type == c10::DeviceType::CUDA
      ? index < 128
      : (type == c10::DeviceType::CPU || type == c10::DeviceType::Meta) && index <= 0;
  TORCH_CHECK_VALUE(offered, "no device has the code ", code);
  return c10::Device(type, static_cast<c10::DeviceIndex>(index));
}

at::ScalarType dtype_of(double code) {
  int64_t number = whole(code);
  auto type = static_cast<at::ScalarType>(number >= 0 && number < 128 ? number : -1);
  switch (type) {
    case at::kByte:
    case at::kChar:
    case at::kShort:
    case at::kInt:
    case at::kLong:
    case at::kHalf:
    case at::kFloat:
    case at::kDouble:
    case at::kBool:
    case at::kBFloat16: return type;
    default: TORCH_CHECK_VALUE(false, "no dtype has the code ", number);
  }
}

}  // namespace isa4d

using namespace isa4d;

ISA4D_EXPORT int32_t isa4d_abi_version() {
  return kAbiVersion;
}

// Registers this thread's arenas, sizes in words and bytes; the caller keeps the memory alive.
ISA4D_EXPORT int32_t isa4d_bind(
    const double* args, double args_size, double* results, double results_size, char* error,
    double error_size) {
  try {
    TORCH_CHECK_VALUE(
        args_size >= 0 && results_size >= kLeastResults && error_size >= 0,
        "the arenas of a thread are too small");
    arenas.args = args;
    arenas.args_end = args + whole(args_size);
    arenas.results = results;
    arenas.results_end = results + whole(results_size);
    arenas.error = error;
    arenas.error_size = whole(error_size);
    arenas.held = &held();
    return kOk;
  } catch (...) {
    return report_exception();
  }
}
