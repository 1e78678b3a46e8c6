// Every C++ exception becomes a status and a message: nothing crosses the C boundary.
#include "isa4d.h"

#include <c10/util/Exception.h>

#include <new>
#include <stdexcept>
#include <string_view>

namespace isa4d {
namespace {

int32_t fail(Status status, std::string_view message) noexcept {
  if (arenas.error != nullptr && arenas.error_size > 0) {
    auto length = std::min<int64_t>(arenas.error_size - 1, static_cast<int64_t>(message.size()));
    std::memcpy(arenas.error, message.data(), length);
    arenas.error[length] = '\0';
  }
  return status;
}

// The CPU allocator reports exhaustion as a plain c10::Error, with a source location before its name.
int32_t fail_plain(const c10::Error& error) noexcept {
  std::string_view message = error.what_without_backtrace();
  auto allocator = message.find("DefaultCPUAllocator");
  if (allocator == std::string_view::npos) return fail(kRuntime, message);
  return fail(kOutOfMemory, message.substr(allocator));
}

}  // namespace

int32_t report_exception() noexcept {
  try {
    throw;
  } catch (const c10::OutOfMemoryError& error) {
    return fail(kOutOfMemory, error.what_without_backtrace());
  } catch (const c10::IndexError& error) {
    return fail(kIndex, error.what_without_backtrace());
  } catch (const c10::TypeError& error) {
    return fail(kType, error.what_without_backtrace());
  } catch (const c10::ValueError& error) {
    return fail(kValue, error.what_without_backtrace());
  } catch (const c10::NotImplementedError& error) {
    return fail(kNotImplemented, error.what_without_backtrace());
  } catch (const c10::Error& error) {
    return fail_plain(error);
  } catch (const std::bad_alloc&) {
    return fail(kOutOfMemory, "out of memory");
  } catch (const std::out_of_range& error) {
    return fail(kIndex, error.what());
  } catch (const std::invalid_argument& error) {
    return fail(kValue, error.what());
  } catch (const std::exception& error) {
    return fail(kRuntime, error.what());
  } catch (...) {
    return fail(kUnknown, "an exception that is no std::exception");
  }
}

}  // namespace isa4d

using namespace isa4d;

// Throws one exception of each class, so that a test can see all of them arrive as typed errors.
ISA4D_EXPORT int32_t isa4d_throw(int32_t which) {
  return guarded([&] {
    switch (which) {
      case kRuntime: TORCH_CHECK(false, "a runtime error");
      case kIndex: TORCH_CHECK_INDEX(false, "an index error");
      case kType: TORCH_CHECK_TYPE(false, "a type error");
      case kValue: TORCH_CHECK_VALUE(false, "a value error");
      case kNotImplemented: TORCH_CHECK_NOT_IMPLEMENTED(false, "not implemented");
      case kOutOfMemory: throw std::bad_alloc();
      case 8: throw std::out_of_range("out of range");
      case 9: throw std::invalid_argument("an invalid argument");
      case 10: throw std::runtime_error("a standard error");
      default: throw which;
    }
  });
}
