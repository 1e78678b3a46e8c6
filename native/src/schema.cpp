// Operator schemas as text, for the generator of the typed wrappers.
#include "isa4d.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <sstream>

using namespace isa4d;

// Writes `name.overload(args) -> returns` as the dispatcher prints it; its length to results[0].
ISA4D_EXPORT int32_t isa4d_schema(
    const char* name, const char* overload, char* text, double capacity) {
  return guarded([&] {
    auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
    TORCH_CHECK_NOT_IMPLEMENTED(
        handle.has_value(), "this libtorch has no operator ", name, *overload ? "." : "", overload);
    std::ostringstream out;
    out << handle->schema();
    std::string schema = out.str();
    TORCH_CHECK(static_cast<double>(schema.size()) <= capacity, "schema text is too long");
    std::memcpy(text, schema.data(), schema.size());
    arenas.results[0] = static_cast<double>(schema.size());
  });
}
