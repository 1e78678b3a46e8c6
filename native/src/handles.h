// Handles: numbers that name what the caller owns. A number that names nothing (it was freed, or is
// of another thread, or never was a handle) is an error, so that no call ever follows a wild address.
#pragma once

#include <c10/util/Exception.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace isa4d {

// `Value` is at::Tensor or at::Generator. A handle is a place in the table and how many values that
// place has held; 53 bits, which a double holds exactly. 0 is no handle.
template <typename Value>
class HandleTable {
 public:
  double put(Value value) {
    if (free_ == kNoPlace) {
      TORCH_CHECK(slots_.size() < kPlaces, "more than ", kPlaces, " handles are in use");
      free_ = static_cast<uint32_t>(slots_.size());
      slots_.emplace_back();
    }
    uint32_t place = free_;
    Slot& slot = slots_[place];
    free_ = slot.next_free;
    slot.value = std::move(value);
    return static_cast<double>((static_cast<uint64_t>(slot.age) << kPlaceBits) | place);
  }

  const Value& at(double handle) const {
    const Slot* slot = find(handle);
    TORCH_CHECK_VALUE(slot != nullptr, "handle ", handle, " names nothing that this thread holds");
    return slot->value;
  }

  // Gives the value up; the handle never names anything again.
  Value take(double handle) {
    Value value = at(handle);
    auto place = static_cast<uint32_t>(static_cast<uint64_t>(handle) & (kPlaces - 1));
    Slot& slot = slots_[place];
    slot.value = Value();
    slot.age = slot.age == kLastAge ? 1 : slot.age + 1;
    slot.next_free = free_;
    free_ = place;
    return value;
  }

 private:
  static constexpr int kPlaceBits = 24;
  static constexpr uint32_t kPlaces = 1u << kPlaceBits;
  static constexpr uint32_t kLastAge = (1u << 29) - 1;
  static constexpr uint32_t kNoPlace = ~0u;

  struct Slot {
    Value value;
    uint32_t age = 1;
    uint32_t next_free = kNoPlace;
  };

  const Slot* find(double handle) const {
    if (!(handle >= 1 && handle < 9007199254740992.0)) return nullptr;
    auto bits = static_cast<uint64_t>(handle);
    uint64_t place = bits & (kPlaces - 1);
    if (place >= slots_.size()) return nullptr;
    const Slot& slot = slots_[place];
    return slot.age == bits >> kPlaceBits && slot.value.defined() ? &slot : nullptr;
  }

  std::vector<Slot> slots_;
  uint32_t free_ = kNoPlace;
};

}  // namespace isa4d
