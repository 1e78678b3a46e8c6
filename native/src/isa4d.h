// What the parts of the native library share: handles, the arenas through which calls pass their
// values, and the guard that turns C++ exceptions into a status and a message.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/TensorImpl.h>
#include <c10/util/intrusive_ptr.h>

#include <cstdint>
#include <cstring>
#include <utility>

#define ISA4D_EXPORT extern "C" __attribute__((visibility("default")))

namespace isa4d {

// Raised by one whenever the C functions or the encoding below change.
constexpr int32_t kAbiVersion = 1;

// Both sides of a call are sequences of doubles: numbers as they are, handles as the pointer's
// value (user-space addresses have 47 bits, so a double holds them exactly), and before each value
// a tag. lib/native/arena.ts is the other side of this list.
enum Tag : int32_t {
  kOmitted = 0,  // take the schema's default
  kNone = 1,
  kNumber = 2,  // also bool, dtype, device: the schema tells
  kTensor = 3,
  kList = 4,    // length, then that many numbers
  kTensors = 5,  // length, then that many handles (0: none)
  kString = 6,  // length in bytes, then one byte a word
};

struct Arenas {
  double* args = nullptr;
  double* results = nullptr;
  int64_t results_size = 0;
  char* error = nullptr;
  int64_t error_size = 0;
};

// Each thread (a Deno worker is one) registers its own.
extern thread_local Arenas arenas;

// Status codes, mapped to NativeErrorKind by lib/native/errors.ts.
enum Status : int32_t {
  kOk = 0,
  kRuntime = 1,
  kIndex = 2,
  kType = 3,
  kValue = 4,
  kNotImplemented = 5,
  kOutOfMemory = 6,
  kUnknown = 7,
};

// Maps the exception in flight to a status and copies its message to the caller's buffer.
int32_t report_exception() noexcept;

// Runs `body`; nothing it throws leaves this function.
template <typename Body>
int32_t guarded(Body&& body) noexcept {
  try {
    body();
    return kOk;
  } catch (...) {
    return report_exception();
  }
}

inline double to_word(const void* pointer) {
  return static_cast<double>(reinterpret_cast<uintptr_t>(pointer));
}

template <typename T>
T* from_word(double word) {
  return reinterpret_cast<T*>(static_cast<uintptr_t>(word));
}

// A tensor handle is an owned TensorImpl*: its reference count is the handle's.
inline at::Tensor tensor_of(double word) {
  auto* impl = from_word<c10::TensorImpl>(word);
  if (impl == nullptr) return at::Tensor();
  return at::Tensor(c10::intrusive_ptr<c10::TensorImpl>::reclaim_copy(impl));
}

inline double handle_of(at::Tensor tensor) {
  return to_word(tensor.unsafeReleaseTensorImpl());
}

// Reads tagged values from the argument arena.
class Reader {
 public:
  Reader() : next_(arenas.args) {}
  int64_t integer() { return static_cast<int64_t>(*next_++); }
  double number() { return *next_++; }
  at::Tensor tensor() { return tensor_of(*next_++); }
  const double* take(int64_t count) {
    const double* at = next_;
    next_ += count;
    return at;
  }

 private:
  const double* next_;
};

// Writes tagged values to the result arena, checking its size.
class Writer {
 public:
  Writer() : next_(arenas.results), end_(arenas.results + arenas.results_size) {}
  void word(double value);
  void tensor(at::Tensor tensor);

 private:
  double* next_;
  double* end_;
};

// One word for a device: type and index (-1: the current one).
inline double device_word(c10::Device device) {
  return static_cast<double>(static_cast<int64_t>(device.type()) * 256 + device.index() + 1);
}

inline c10::Device device_of(double word) {
  auto code = static_cast<int64_t>(word);
  return c10::Device(
      static_cast<c10::DeviceType>(code / 256), static_cast<c10::DeviceIndex>(code % 256 - 1));
}

}  // namespace isa4d
