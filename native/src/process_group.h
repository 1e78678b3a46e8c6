// A rank's place among the others: the backend that moves tensors, and the watch that names a rank
// which has ended or hangs.
#pragma once

#include "isa4d.h"
#include "rank_watch.h"

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace isa4d {

// Collectives end by the watch's verdict, not by a clock: a rank may rightly wait for hours while
// another one prepares data.
constexpr std::chrono::milliseconds kNoHurry = std::chrono::hours(24 * 7);

struct ProcessGroup : c10::intrusive_ptr_target {
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::Backend> backend;
  std::unique_ptr<RankWatch> watch;

  // Blocks until `work` is done; throws where it failed or a rank has ended.
  void wait(const c10::intrusive_ptr<c10d::Work>& work);

  // True when done; throws as `wait` does.
  bool poll(const c10::intrusive_ptr<c10d::Work>& work);
};

using GroupPtr = c10::intrusive_ptr<ProcessGroup>;

// The group of a handle; throws where there is none.
const GroupPtr& group_of(double handle);

// What a thread's handles of one kind name.
template <typename T>
HandleTable<c10::intrusive_ptr<T>>& handles() {
  thread_local OfThread<HandleTable<c10::intrusive_ptr<T>>> table;
  return *table.object;
}

// ProcessGroupNCCL, or an error that this build has none.
c10::intrusive_ptr<c10d::Backend> new_nccl(
    const c10::intrusive_ptr<c10d::Store>& store, int rank, int world, int device);

}  // namespace isa4d
