// Automatic casts to a narrower dtype for the operators that bear it.
#include "isa4d.h"

#include <ATen/autocast_mode.h>

using namespace isa4d;

// results: whether autocast was on for this device type, and with which dtype. Leaving the outermost
// region drops the cached casts of parameters.
ISA4D_EXPORT int32_t isa4d_set_autocast(int32_t device_type, int32_t on, int32_t dtype) {
  return guarded([&] {
    auto type = device_of(device_type * 256.0).type();
    auto narrow = dtype_of(dtype);
    arenas.results[0] = at::autocast::is_autocast_enabled(type) ? 1 : 0;
    arenas.results[1] = static_cast<double>(at::autocast::get_autocast_dtype(type));
    at::autocast::set_autocast_dtype(type, narrow);
    at::autocast::set_autocast_enabled(type, on != 0);
  });
}

ISA4D_EXPORT int32_t isa4d_autocast_nesting(int32_t step) {
  return guarded([&] {
    if (step > 0) {
      at::autocast::increment_nesting();
    } else if (at::autocast::decrement_nesting() == 0) {
      at::autocast::clear_cache();
    }
  });
}

ISA4D_EXPORT int32_t isa4d_clear_autocast_cache() {
  return guarded([&] { at::autocast::clear_cache(); });
}
