// Facts about the machine: threads, devices, the memory of caching allocators.
// Everything goes through libtorch's device-neutral interfaces, which need no CUDA header, so one
// source serves a libtorch with and without CUDA.
#include "isa4d.h"

#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <c10/core/CachingDeviceAllocator.h>

using namespace isa4d;

ISA4D_EXPORT int32_t isa4d_set_threads(int32_t count) {
  return guarded([&] {
    TORCH_CHECK_VALUE(count > 0, "number of threads is ", count, ", expected 1 or more");
    at::set_num_threads(count);
  });
}

ISA4D_EXPORT int32_t isa4d_get_threads() {
  return at::get_num_threads();
}

// 0 where libtorch has no CUDA or the machine has no device or driver.
ISA4D_EXPORT int32_t isa4d_cuda_devices() {
  int32_t count = 0;
  int32_t status = guarded([&] {
    if (at::globalContext().hasCUDA()) count = static_cast<int32_t>(at::detail::getCUDAHooks().deviceCount());
  });
  return status == kOk ? count : 0;
}

ISA4D_EXPORT int32_t isa4d_synchronize(double device) {
  return guarded([&] { at::accelerator::synchronizeDevice(device_of(device).index()); });
}

// results: bytes allocated now, at the peak, reserved now, at the peak.
ISA4D_EXPORT int32_t isa4d_memory_stats(double device) {
  return guarded([&] {
    auto where = device_of(device);
    auto stats = c10::getDeviceAllocator(where.type())->getDeviceStats(where.index());
    arenas.results[0] = static_cast<double>(stats.allocated_bytes[0].current);
    arenas.results[1] = static_cast<double>(stats.allocated_bytes[0].peak);
    arenas.results[2] = static_cast<double>(stats.reserved_bytes[0].current);
    arenas.results[3] = static_cast<double>(stats.reserved_bytes[0].peak);
  });
}

// results: bytes of the device that are free, and all of its bytes.
ISA4D_EXPORT int32_t isa4d_device_room(double device) {
  return guarded([&] {
    auto where = device_of(device);
    auto [free, total] = c10::getDeviceAllocator(where.type())->getMemoryInfo(where.index());
    arenas.results[0] = static_cast<double>(free);
    arenas.results[1] = static_cast<double>(total);
  });
}

ISA4D_EXPORT int32_t isa4d_reset_peak_memory(double device) {
  return guarded([&] {
    auto where = device_of(device);
    c10::getDeviceAllocator(where.type())->resetPeakStats(where.index());
  });
}

ISA4D_EXPORT int32_t isa4d_empty_cache(double device) {
  return guarded([&] {
    auto where = device_of(device);
    if (where.is_cpu()) return empty_host_cache();
    c10::getDeviceAllocator(where.type())->emptyCache();
  });
}

// Whether float32 products on CUDA may round their inputs to TensorFloat-32.
ISA4D_EXPORT int32_t isa4d_allow_tf32(int32_t on) {
  return guarded([&] {
    at::globalContext().setAllowTF32CuBLAS(on != 0);
    at::globalContext().setAllowTF32CuDNN(on != 0);
  });
}

// Refuses (or not) operators that would give other numbers from run to run.
ISA4D_EXPORT int32_t isa4d_deterministic(int32_t on) {
  return guarded([&] {
    at::globalContext().setDeterministicAlgorithms(on != 0, false);
    at::globalContext().setBenchmarkCuDNN(false);
    at::globalContext().setDeterministicCuDNN(on != 0);
  });
}
