#include "rank_watch.h"

#include <c10/util/Exception.h>

namespace isa4d {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kBeatEvery{1};
constexpr seconds kFarewell{5};

std::string seconds_text(std::chrono::steady_clock::duration time) {
  return std::to_string(duration_cast<seconds>(time).count()) + " s";
}

std::vector<uint8_t> bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

std::string rank_name(int rank) {
  return "rank " + std::to_string(rank);
}

}  // namespace

RankWatch::RankWatch(
    c10::intrusive_ptr<c10d::Store> store, int rank, int world, WatchLimits limits,
    const uint64_t* calls)
    : store_(std::move(store)),
      rank_(rank),
      world_(world),
      limits_(limits),
      calls_(calls),
      last_contact_(Clock::now().time_since_epoch()),
      beats_(world) {
  thread_ = std::thread([this] { run(); });
}

RankWatch::~RankWatch() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
  if (lost_) return;
  try {
    // The store lives in rank 0, which leaves last.
    store_->add("left/" + std::to_string(rank_), 1);
    store_->add("left", 1);
    auto until = Clock::now() + kFarewell;
    while (rank_ == 0 && store_->add("left", 0) < world_ && Clock::now() < until) {
      std::this_thread::sleep_for(milliseconds(5));
    }
  } catch (const std::exception&) {
    // The store is gone, and nobody is left to be told.
  }
}

void RankWatch::run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stop_) {
    lock.unlock();
    try {
      beat();
      if (rank_ == 0) look_after_others();
      read_verdict();
      last_contact_ = Clock::now().time_since_epoch();
    } catch (const std::exception&) {
      lock.lock();
      lost_ = true;
      if (verdict_.empty()) verdict_ = "rank 0 has ended: its store no longer answers";
      return;
    }
    lock.lock();
    wake_.wait_for(lock, kBeatEvery, [this] { return stop_; });
  }
}

void RankWatch::beat() {
  store_->add("beat/" + std::to_string(rank_), 1);
  uint64_t calls = __atomic_load_n(calls_, __ATOMIC_RELAXED);
  auto now = Clock::now();
  if (calls != calls_seen_ || waiting_) {
    calls_seen_ = calls;
    last_sign_ = now;
    return;
  }
  auto quiet = now - last_sign_;
  bool inside = calls % 2 != 0;
  if (quiet > limits_.stuck * (inside ? kLongCall : 1)) {
    tell(
        rank_name(rank_) + " hangs: it has " +
        (inside ? "been in one call of libtorch" : "done nothing") + " for " + seconds_text(quiet));
  }
}

void RankWatch::look_after_others() {
  auto now = Clock::now();
  for (int other = 1; other < world_; other++) {
    auto name = std::to_string(other);
    int64_t count = store_->add("beat/" + name, 0);
    auto& seen = beats_[other];
    if (count != seen.count) {
      seen = {count, now};
    } else if (now - seen.since > limits_.silence && store_->add("left/" + name, 0) == 0) {
      tell(
          rank_name(other) + " has ended or hangs: no sign of life for " +
          seconds_text(now - seen.since));
    }
  }
}

void RankWatch::tell(const std::string& message) {
  store_->compareSet("verdict", {}, bytes_of(message));
}

void RankWatch::read_verdict() {
  if (!verdict_.empty() || !store_->check({"verdict"})) return;
  auto bytes = store_->get("verdict");
  store_->add("heard", 1);
  std::lock_guard<std::mutex> lock(mutex_);
  verdict_.assign(bytes.begin(), bytes.end());
}

std::string RankWatch::verdict() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!verdict_.empty()) return verdict_;
  }
  auto quiet = Clock::now().time_since_epoch() - last_contact_.load();
  if (quiet < limits_.silence) return "";
  return rank_ == 0 ? "" : "rank 0 has ended or hangs: it has not answered for " + seconds_text(quiet);
}

std::string RankWatch::await_verdict() {
  auto until = Clock::now() + limits_.silence + 3 * kBeatEvery;
  while (Clock::now() < until) {
    if (auto found = verdict(); !found.empty()) return found;
    std::this_thread::sleep_for(milliseconds(20));
  }
  return "";
}

void RankWatch::fail(const std::string& message) {
  // Then the others know too, or there is no asking any more.
  if (!verdict().empty()) return;
  try {
    tell(rank_name(rank_) + " ended: " + message);
    auto until = Clock::now() + kFarewell;
    while (store_->add("heard", 0) < world_ && Clock::now() < until) {
      std::this_thread::sleep_for(milliseconds(20));
    }
  } catch (const std::exception&) {
    // The store is gone, and nobody is left to be told.
  }
}

}  // namespace isa4d
