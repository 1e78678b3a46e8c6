// Host memory of large tensors. glibc's heap, where such blocks lie between Deno's own small ones,
// falls to pieces: it grew to four times what was in use. Blocks mapped one by one do not, but each
// page of a fresh one costs a fault, which halves the speed of a forward pass. So freed blocks are kept
// and given out again; all together stay within what tensors have used at one time, and kSlack.
#include "isa4d.h"

#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <unordered_map>

namespace isa4d {
namespace {

// Smaller ones are the heap's: a block takes whole pages, and a lock costs.
constexpr size_t kLarge = 64 * 1024;
constexpr size_t kPage = 4096;
// From here on the kernel is asked for pages of 2 MB.
constexpr size_t kHuge = 4 * 1024 * 1024;
// How much more than tensors have ever used may be kept: sizes take turns, and none should have to be
// mapped anew for each.
constexpr size_t kSlack = 16 * 1024 * 1024;

struct Block {
  size_t size;
  void* start;
};

class HostAllocator final : public c10::Allocator {
 public:
  explicit HostAllocator(c10::Allocator* heap) : heap_(heap) {}

  c10::DataPtr allocate(size_t size) override {
    if (size < kLarge) return heap_->allocate(size);
    void* block = take(rounded(size));
    // The heap's own error names the size, and errors.cpp knows it.
    if (block == nullptr) return heap_->allocate(size);
    return {block, block, &HostAllocator::release, c10::Device(c10::kCPU)};
  }

  // The raw interface has one deleter for all sizes, so it tells blocks from the heap's by its table.
  c10::DeleterFnPtr raw_deleter() const override { return &HostAllocator::release; }

  void copy_data(void* to, const void* from, std::size_t count) const override {
    default_copy_data(to, from, count);
  }

  // Unmaps what nothing uses.
  void empty() {
    std::lock_guard guard(mutex_);
    shrink_cache(0);
    peak_ = used_;
  }

  static HostAllocator& instance();

 private:
  // Steps of an eighth, so that clips of nearly one length share blocks. Pages that nobody touches
  // take no memory.
  static size_t rounded(size_t size) {
    size_t step = kPage;
    while (step <= size / 16) step *= 2;
    return (size + step - 1) / step * step;
  }

  void* take(size_t size) {
    std::lock_guard guard(mutex_);
    auto fit = cache_.lower_bound(size);
    if (fit != cache_.end() && fit->first <= size + size / 4) return use(uncache(fit));
    peak_ = std::max(peak_, used_ + size);
    Block block{size, nullptr};
    // Over the limit something cached has to go; what can be made to fit keeps its pages.
    if (used_ + cached_ + size > peak_ + kSlack && !cache_.empty()) block = resized(size);
    shrink_cache(peak_ + kSlack - used_ - size);
    if (block.start == nullptr) block.start = map(size);
    if (block.start == nullptr) {
      shrink_cache(0);
      block.start = map(size);
    }
    return block.start == nullptr ? nullptr : use(block);
  }

  // The cached block that is next in size, cut or grown to `size`.
  Block resized(size_t size) {
    auto next = cache_.lower_bound(size);
    Block old = uncache(next == cache_.end() ? std::prev(next) : next);
    void* start = mremap(old.start, old.size, size, MREMAP_MAYMOVE);
    if (start != MAP_FAILED) return {size, start};
    munmap(old.start, old.size);
    return {size, nullptr};
  }

  Block uncache(std::multimap<size_t, void*>::iterator entry) {
    Block block{entry->first, entry->second};
    cache_.erase(entry);
    cached_ -= block.size;
    return block;
  }

  void* use(Block block) {
    used_ += block.size;
    peak_ = std::max(peak_, used_);
    sizes_.emplace(block.start, block.size);
    return block.start;
  }

  // Unmaps the smallest blocks until at most `limit` bytes are kept.
  void shrink_cache(size_t limit) {
    while (cached_ > limit) {
      Block block = uncache(cache_.begin());
      munmap(block.start, block.size);
    }
  }

  static void* map(size_t size) {
    void* start = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) return nullptr;
    // Fewer faults and fewer address translations; the kernel takes them where they fit.
    if (size >= kHuge) madvise(start, size, MADV_HUGEPAGE);
    return start;
  }

  static void release(void* block) {
    auto& self = instance();
    {
      std::lock_guard guard(self.mutex_);
      auto found = self.sizes_.find(block);
      if (found != self.sizes_.end()) {
        self.used_ -= found->second;
        self.cached_ += found->second;
        self.cache_.emplace(found->second, block);
        self.sizes_.erase(found);
        return;
      }
    }
    self.heap_->raw_deallocate(block);
  }

  c10::Allocator* heap_;
  std::mutex mutex_;
  std::unordered_map<void*, size_t> sizes_;
  std::multimap<size_t, void*> cache_;
  size_t used_ = 0;
  size_t cached_ = 0;
  size_t peak_ = 0;
};

HostAllocator& HostAllocator::instance() {
  // Never destroyed: tensors of other static objects may outlive it.
  static auto* allocator = new HostAllocator(c10::GetDefaultCPUAllocator());
  return *allocator;
}

// AddressSanitizer watches malloc: blocks that are given out again would hide what it looks for.
#ifndef __SANITIZE_ADDRESS__
const bool installed = [] {
  c10::SetCPUAllocator(&HostAllocator::instance());
  return true;
}();
#endif

}  // namespace

void empty_host_cache() { HostAllocator::instance().empty(); }

}  // namespace isa4d
