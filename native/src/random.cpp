// Random generators, each with its own state, and the seed of the default ones.
#include "isa4d.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/core/Generator.h>

#include <mutex>

using namespace isa4d;

namespace {

at::Generator generator_of(double handle) {
  return arenas.held->generators.at(handle);
}

uint64_t seed_of(double seed) {
  int64_t number = whole(seed);
  TORCH_CHECK_VALUE(number >= 0, "seed is ", number, ", expected 0 or more");
  return static_cast<uint64_t>(number);
}

at::Generator new_generator(c10::Device device, uint64_t seed) {
  if (device.is_cpu()) return at::detail::createCPUGenerator(seed);
  // The hooks of the device's own library make it: no CUDA header is needed here.
  auto generator =
      at::globalContext().getAcceleratorHooksInterface(device.type()).getNewGenerator(device.index());
  generator.set_current_seed(seed);
  return generator;
}

}  // namespace

// The handle in results[0].
ISA4D_EXPORT int32_t isa4d_generator_new(double device, double seed) {
  return guarded([&] {
    arenas.results[0] =
        arenas.held->generators.put(new_generator(device_of(device), seed_of(seed)));
  });
}

ISA4D_EXPORT int32_t isa4d_generator_free(double handle) {
  return guarded([&] { arenas.held->generators.take(handle); });
}

ISA4D_EXPORT int32_t isa4d_generator_seed(double handle, double seed) {
  return guarded([&] {
    auto generator = generator_of(handle);
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(seed_of(seed));
  });
}

// The state as a uint8 tensor, for checkpoints.
ISA4D_EXPORT int32_t isa4d_generator_state(double handle) {
  return guarded([&] {
    auto generator = generator_of(handle);
    std::lock_guard<std::mutex> lock(generator.mutex());
    Writer().tensor(generator.get_state());
  });
}

ISA4D_EXPORT int32_t isa4d_generator_set_state(double handle, double state) {
  return guarded([&] {
    auto generator = generator_of(handle);
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(tensor_of(state));
  });
}

ISA4D_EXPORT int32_t isa4d_manual_seed(double seed) {
  return guarded([&] { at::manual_seed(seed_of(seed)); });
}
