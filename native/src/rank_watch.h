// Tells each rank when another one has ended or hangs, and which. A thread of its own beats in the
// store once a second; rank 0's also looks for beats that stop.
#pragma once

#include <torch/csrc/distributed/c10d/Store.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace isa4d {

struct WatchLimits {
  // Without a beat a process is taken to be dead: killed, stopped, or its machine gone.
  std::chrono::milliseconds silence;
  // Without a native call, outside of any exchange, its main thread is taken to hang. A call may last
  // kLongCall times as long: a whole backward pass is one.
  std::chrono::milliseconds stuck;
};

constexpr int kLongCall = 40;

class RankWatch {
 public:
  // `calls` counts the ways in and out of native calls of the thread that trains.
  RankWatch(
      c10::intrusive_ptr<c10d::Store> store, int rank, int world, WatchLimits limits,
      const uint64_t* calls);
  ~RankWatch();

  // Why the run must end; empty while all is well.
  std::string verdict();

  // Waits, no longer than a silence and a little more, for a verdict to explain a lost connection.
  std::string await_verdict();

  // Tells the others that this rank ends, and gives them time to hear it. The first word holds.
  void fail(const std::string& message);

  // Marks the time in an exchange, where the main thread rightly does nothing.
  void set_waiting(bool waiting) { waiting_ = waiting; }

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void beat();
  void look_after_others();
  void tell(const std::string& message);
  void read_verdict();

  const c10::intrusive_ptr<c10d::Store> store_;
  const int rank_;
  const int world_;
  const WatchLimits limits_;
  const uint64_t* const calls_;
  std::atomic<bool> waiting_{false};
  std::atomic<Clock::duration> last_contact_;
  uint64_t calls_seen_ = 0;
  Clock::time_point last_sign_ = Clock::now();
  struct Beats {
    int64_t count = 0;
    Clock::time_point since = Clock::now();
  };
  std::vector<Beats> beats_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string verdict_;
  // The connection to the store broke, for good.
  bool lost_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace isa4d
