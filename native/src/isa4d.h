// What the parts of the native library share: handles, the arenas through which calls pass their
// values, and the guard that turns C++ exceptions into a status and a message.
#pragma once

#include "handles.h"

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/stack.h>
#include <c10/core/InferenceMode.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#define ISA4D_EXPORT extern "C" __attribute__((visibility("default")))

namespace isa4d {

// Raised by one whenever the C functions or the encoding below change.
constexpr int32_t kAbiVersion = 3;

// Both sides of a call are sequences of doubles, numbers and handles, and before each value a tag.
// lib/native/arena.ts is the other side of this list.
enum Tag : int32_t {
  kOmitted = 0,  // take the schema's default
  kNone = 1,
  kNumber = 2,  // also bool, dtype, device, generator: the schema tells
  kTensor = 3,
  kList = 4,    // length, then that many numbers
  kTensors = 5,  // length, then that many handles (0: none)
  kString = 6,  // length in bytes, then one byte a word
};

// What a thread's handles name, and the state that its calls leave for the next.
struct Held {
  ~Held();

  HandleTable<at::Tensor> tensors;
  HandleTable<at::Generator> generators;
  std::vector<std::unique_ptr<c10::InferenceMode>> inference;
  // Of the call in progress; it keeps its memory from call to call.
  torch::jit::Stack stack;
};

bool on_main_thread();

// An object of each thread, declared thread_local. What a worker leaves goes with it. The main
// thread's stays: the process ends, and parts of libtorch that its tensors need may be gone before.
template <typename T>
struct OfThread {
  std::unique_ptr<T> object = std::make_unique<T>();
  ~OfThread() {
    if (on_main_thread()) (void)object.release();
  }
};

struct Arenas {
  const double* args = nullptr;
  const double* args_end = nullptr;
  double* results = nullptr;
  double* results_end = nullptr;
  char* error = nullptr;
  int64_t error_size = 0;
  Held* held = nullptr;
  // Entries into this thread's calls and returns from them, so far: another one sees by it that this
  // one lives, and by an odd number that it is in a call.
  uint64_t calls = 0;
};

// Each thread (a Deno worker is one) registers its own, and uses no handle of another.
extern constinit thread_local Arenas arenas;

// Words that every result arena has, so that a few numbers need no check.
constexpr int64_t kLeastResults = 8;

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

// Unmaps the large blocks of host memory that no tensor uses.
void empty_host_cache();

// Maps the exception in flight to a status and copies its message to the caller's buffer.
int32_t report_exception() noexcept;

void check_bound();

// Counts the way in and the way out of a call.
struct CallCount {
  CallCount() { step(); }
  ~CallCount() { step(); }
  CallCount(const CallCount&) = delete;
  CallCount& operator=(const CallCount&) = delete;
  static void step() { __atomic_store_n(&arenas.calls, arenas.calls + 1, __ATOMIC_RELAXED); }
};

// Runs `body`; nothing it throws leaves this function.
template <typename Body>
int32_t guarded(Body&& body) noexcept {
  try {
    check_bound();
    CallCount count;
    body();
    return kOk;
  } catch (...) {
    return report_exception();
  }
}

inline void check_bound() {
  TORCH_CHECK(arenas.held != nullptr, "this thread has not called isa4d_bind");
}

// An address to be compared with others: nothing is ever read through it.
inline double address_word(const void* pointer) {
  return static_cast<double>(reinterpret_cast<uintptr_t>(pointer));
}

// The tensor of a handle; throws where there is none.
inline const at::Tensor& tensor_of(double handle) {
  return arenas.held->tensors.at(handle);
}

inline double handle_of(at::Tensor tensor) {
  return arenas.held->tensors.put(std::move(tensor));
}

// A whole number that the caller gave as a double.
inline int64_t whole(double value) {
  auto number = static_cast<int64_t>(value >= -9.2e18 && value <= 9.2e18 ? value : 0);
  TORCH_CHECK_TYPE(static_cast<double>(number) == value, "expected a whole number, not ", value);
  return number;
}

// Reads tagged values from the argument arena and never past its end.
class Reader {
 public:
  Reader() : next_(arenas.args), end_(arenas.args_end) {}
  double number() { return *take(1); }
  int64_t integer() { return whole(number()); }
  // A number of things that follow, each of a word at least.
  int64_t count() {
    int64_t number = integer();
    TORCH_CHECK_TYPE(
        number >= 0 && number <= end_ - next_, "the encoded arguments end within a value");
    return number;
  }
  const at::Tensor& tensor() { return tensor_of(number()); }
  const double* take(int64_t count) {
    TORCH_CHECK_TYPE(
        count >= 0 && count <= end_ - next_, "the encoded arguments end within a value");
    const double* at = next_;
    next_ += count;
    return at;
  }

 private:
  const double* next_;
  const double* end_;
};

// Writes tagged values to the result arena, checking its size.
class Writer {
 public:
  Writer() : next_(arenas.results), end_(arenas.results_end) {}
  // Where several tensors come: refuses a result that is too long before any handle is given out.
  void reserve(int64_t words) const {
    TORCH_CHECK(words <= end_ - next_, "the result is too long for the result arena");
  }
  static int64_t words_of(const at::Tensor& tensor) {
    return tensor.defined() ? 5 + tensor.dim() : 1;
  }
  void word(double value) {
    reserve(1);
    *next_++ = value;
  }
  void tensor(at::Tensor tensor);

 private:
  double* next_;
  double* end_;
};

// One word for a device: type and index (-1: the current one).
inline double device_word(c10::Device device) {
  return static_cast<double>(static_cast<int64_t>(device.type()) * 256 + device.index() + 1);
}

// Throws where the word is of no device that is offered: the CPU, meta, CUDA.
c10::Device device_of(double word);

// Throws where the code is of no dtype that is offered; libtorch itself looks such codes up unchecked.
at::ScalarType dtype_of(double code);

}  // namespace isa4d
