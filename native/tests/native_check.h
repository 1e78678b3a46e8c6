// Calls the C functions as lib/native does, from arenas of exactly the size that the library is
// told, so that a sanitizer sees each byte too far.
#pragma once

#include <cstdint>
#include <cstdio>
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

extern "C" {
int32_t isa4d_abi_version();
int32_t isa4d_bind(const double*, double, double*, double, char*, double);
int32_t isa4d_throw(int32_t);
int32_t isa4d_operator(const char*, const char*);
int32_t isa4d_schema(const char*, const char*, char*, double);
int32_t isa4d_call(int32_t);
int32_t isa4d_free(double);
int32_t isa4d_from_bytes(const void*, double);
int32_t isa4d_to_bytes(double, void*, double);
int32_t isa4d_item(double);
int32_t isa4d_share(double);
int32_t isa4d_data_address(double);
int32_t isa4d_storage(double);
int32_t isa4d_is_contiguous(double);
int32_t isa4d_requires_grad(double);
int32_t isa4d_set_requires_grad(double, int32_t);
int32_t isa4d_grad();
int32_t isa4d_set_grad_enabled(int32_t);
int32_t isa4d_enter_inference();
int32_t isa4d_leave_inference();
int32_t isa4d_set_autocast(int32_t, int32_t, int32_t);
int32_t isa4d_autocast_nesting(int32_t);
int32_t isa4d_clear_autocast_cache();
int32_t isa4d_generator_new(double, double);
int32_t isa4d_generator_free(double);
int32_t isa4d_generator_seed(double, double);
int32_t isa4d_generator_state(double);
int32_t isa4d_generator_set_state(double, double);
int32_t isa4d_manual_seed(double);
int32_t isa4d_set_threads(int32_t);
int32_t isa4d_get_threads();
int32_t isa4d_cuda_devices();
int32_t isa4d_synchronize(double);
int32_t isa4d_memory_stats(double);
int32_t isa4d_reset_peak_memory(double);
int32_t isa4d_device_room(double);
int32_t isa4d_empty_cache(double);
int32_t isa4d_allow_tf32(int32_t);
int32_t isa4d_deterministic(int32_t);
int32_t isa4d_group_new(const char*, const char*);
int32_t isa4d_group_free(double);
int32_t isa4d_group_fail(double, const char*);
int32_t isa4d_group_check(double);
int32_t isa4d_all_reduce(double, double, int32_t);
int32_t isa4d_reduce(double, double, int32_t);
int32_t isa4d_broadcast(double, double, int32_t);
int32_t isa4d_all_gather(double, double, double);
int32_t isa4d_barrier(double);
int32_t isa4d_exchange_wait(double);
int32_t isa4d_exchange_done(double);
int32_t isa4d_exchange_free(double);
int32_t isa4d_buckets_new(double);
int32_t isa4d_buckets_free(double);
int32_t isa4d_buckets_views(double);
int32_t isa4d_buckets_clear(double);
int32_t isa4d_buckets_begin(double, int32_t);
int32_t isa4d_buckets_end(double);
int32_t isa4d_buckets_wait(double);
int32_t isa4d_buckets_broadcast(double);
}

namespace native_check {

// Of native/src/isa4d.h, which is the library's own.
constexpr double kOmitted = 0, kNone = 1, kNumber = 2, kTensor = 3, kList = 4, kTensors = 5,
                 kString = 6;
enum Status { kOk, kRuntime, kIndex, kType, kValue, kNotImplemented, kOutOfMemory, kUnknown };
constexpr double kFloat32 = 6;
constexpr double kInt64 = 4;
constexpr double kMeta = 14 * 256;

[[noreturn]] inline void fail(const char* file, int line, const std::string& what) {
  std::fprintf(stderr, "%s:%d: %s\n", file, line, what.c_str());
  std::exit(1);
}

#define EXPECT(condition) \
  do { \
    if (!(condition)) native_check::fail(__FILE__, __LINE__, #condition); \
  } while (false)

// A thread's arenas, bound while it lives. The arguments lie at the very end of their memory.
class Arenas {
 public:
  explicit Arenas(size_t result_words = 4096, size_t error_bytes = 512)
      : results_(result_words), error_(error_bytes) {
    set({});
  }

  // Binds arguments of exactly these words.
  void set(const std::vector<double>& words) {
    args_.reset(new double[words.size()]);
    std::copy(words.begin(), words.end(), args_.get());
    EXPECT(
        isa4d_bind(
            args_.get(), static_cast<double>(words.size()), results_.data(),
            static_cast<double>(results_.size()), error_.data(),
            static_cast<double>(error_.size())) == kOk);
  }

  int32_t call(int32_t index, const std::vector<double>& words) {
    set(words);
    return isa4d_call(index);
  }

  void clear_results() { std::fill(results_.begin(), results_.end(), -1); }
  double result(size_t i = 0) const { return results_.at(i); }
  // The first tensor of the results.
  double tensor() const {
    EXPECT(results_[0] == kTensor);
    return results_[1];
  }
  std::string message() const { return error_.data(); }

 private:
  std::unique_ptr<double[]> args_;
  std::vector<double> results_;
  std::vector<char> error_;
};

inline int32_t op(Arenas& arenas, const char* name, const char* overload = "") {
  EXPECT(isa4d_operator(name, overload) == kOk);
  return static_cast<int32_t>(arenas.result());
}

// A float32 tensor of these values.
inline double floats(Arenas& arenas, const std::vector<float>& values) {
  arenas.set({kFloat32, 1, static_cast<double>(values.size())});
  EXPECT(isa4d_from_bytes(values.data(), static_cast<double>(values.size() * 4)) == kOk);
  return arenas.tensor();
}

inline std::vector<float> values_of(double tensor, size_t count) {
  std::vector<float> values(count);
  EXPECT(isa4d_to_bytes(tensor, values.data(), static_cast<double>(count * 4)) == kOk);
  return values;
}

// A group of one rank, over the loopback interface.
void check_groups();

// Calls operators with malformed arguments; prints its seed where something is wrong.
void fuzz_calls(uint64_t seed, int64_t runs);

}  // namespace native_check
