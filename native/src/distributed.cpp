// Several processes that train together: joining them, and the collectives of c10d.
#include "isa4d.h"
#include "process_group.h"

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <c10/util/Logging.h>

#include <cstdlib>
#include <thread>

C10_DECLARE_int(caffe2_log_level);

namespace isa4d {

#ifndef ISA4D_NCCL
c10::intrusive_ptr<c10d::Backend> new_nccl(
    const c10::intrusive_ptr<c10d::Store>&, int, int, int) {
  TORCH_CHECK_NOT_IMPLEMENTED(
      false,
      "ranks on CUDA devices need NCCL, which this build has not: it takes a libtorch with CUDA and "
      "the headers of NCCL and of the CUDA runtime");
}
#endif

namespace {

using std::chrono::milliseconds;

// c10d writes a warning with a stack trace for each connection that breaks; errors tell it better.
void quieten() {
  if (std::getenv("TORCH_CPP_LOG_LEVEL") == nullptr) FLAGS_caffe2_log_level = 2;  // errors alone
}

struct Place {
  std::string address;
  std::string prefix;
  uint16_t port = 0;
  int rank = 0;
  int world = 1;
  bool serves = false;
  milliseconds join{0};
};

c10::intrusive_ptr<c10d::Store> connect(const Place& place, bool serves) {
  c10d::TCPStoreOptions options;
  options.port = place.port;
  options.isServer = serves;
  options.waitWorkers = false;
  options.timeout = place.join;
  // Deno exports libuv's symbols, and libtorch's own libuv server crashes on them.
  options.useLibUV = false;
  auto store = c10::make_intrusive<c10d::TCPStore>(place.address, options);
  return c10::make_intrusive<c10d::PrefixStore>(place.prefix, std::move(store));
}

// All ranks say that they are here and wait for the others; throws the names of those that are not.
void meet(c10d::Store& store, const Place& place) {
  std::vector<std::string> keys;
  for (int rank = 0; rank < place.world; rank++) keys.push_back("here/" + std::to_string(rank));
  store.set(keys[place.rank], std::vector<uint8_t>{1});
  try {
    store.wait(keys, place.join);
  } catch (const std::exception&) {
    std::string missing;
    for (int rank = 0; rank < place.world; rank++) {
      if (!store.check({keys[rank]})) missing += (missing.empty() ? "" : ", ") + std::to_string(rank);
    }
    TORCH_CHECK(
        false, "rank ", missing, " of ", place.world, " did not come to ", place.address, ":",
        place.port, " within ", place.join.count() / 1000, " s");
  }
}

c10::intrusive_ptr<c10d::Backend> new_gloo(
    const c10::intrusive_ptr<c10d::Store>& store, const Place& place) {
  using Gloo = c10d::ProcessGroupGloo;
  auto options = Gloo::Options::create(place.join);
  const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
  bool local = place.address == "127.0.0.1" || place.address == "localhost";
  options->devices.push_back(
      interface != nullptr && *interface != '\0' ? Gloo::createDeviceForInterface(interface)
          : local                                ? Gloo::createDeviceForHostname("127.0.0.1")
                                                 : Gloo::createDefaultDevice());
  auto gloo = c10::make_intrusive<Gloo>(store, place.rank, place.world, options);
  gloo->setTimeout(kNoHurry);
  return gloo;
}

struct Exchange : c10::intrusive_ptr_target {
  Exchange(GroupPtr group, c10::intrusive_ptr<c10d::Work> work)
      : group(std::move(group)), work(std::move(work)) {}
  GroupPtr group;
  c10::intrusive_ptr<c10d::Work> work;
};

c10d::ReduceOp reduction(int32_t code) {
  switch (code) {
    case 0: return c10d::ReduceOp::SUM;
    case 1: return c10d::ReduceOp::MAX;
    case 2: return c10d::ReduceOp::MIN;
    default: C10_THROW_ERROR(ValueError, "unknown reduction");
  }
}

// Starts a collective; the handle of its exchange to results[0].
template <typename Start>
int32_t start(double handle, Start&& begin) {
  return guarded([&] {
    const auto& group = group_of(handle);
    auto found = group->watch->verdict();
    TORCH_CHECK(found.empty(), found);
    auto exchange = c10::make_intrusive<Exchange>(group, begin(*group->backend));
    arenas.results[0] = handles<Exchange>().put(std::move(exchange));
  });
}

}  // namespace

const GroupPtr& group_of(double handle) {
  return handles<ProcessGroup>().at(handle);
}

bool ProcessGroup::poll(const c10::intrusive_ptr<c10d::Work>& work) {
  TORCH_CHECK(watch, "the group of ranks was left before an exchange was done");
  if (!work->isCompleted()) {
    auto found = watch->verdict();
    TORCH_CHECK(found.empty(), found);
    return false;
  }
  try {
    work->wait();
  } catch (const std::exception& error) {
    auto found = watch->await_verdict();
    TORCH_CHECK(false, found.empty() ? std::string("an exchange failed: ") + error.what() : found);
  }
  return true;
}

void ProcessGroup::wait(const c10::intrusive_ptr<c10d::Work>& work) {
  TORCH_CHECK(watch, "the group of ranks was left before an exchange was done");
  struct Waiting {
    explicit Waiting(RankWatch& watch) : watch(watch) { watch.set_waiting(true); }
    ~Waiting() { watch.set_waiting(false); }
    RankWatch& watch;
  } waiting(*watch);
  for (int round = 0; !poll(work); round++) {
    if (round < 20) std::this_thread::yield();
    else std::this_thread::sleep_for(std::chrono::microseconds(round < 200 ? 20 : 200));
  }
}

}  // namespace isa4d

using namespace isa4d;

// arguments: port, rank, world, whether this rank serves the store, NCCL (1) or Gloo (0), device
// index, milliseconds to join, of silence, of hanging. The group's handle to results[0].
ISA4D_EXPORT int32_t isa4d_group_new(const char* address, const char* prefix) {
  return guarded([&] {
    Reader reader;
    Place place{address, prefix};
    place.port = static_cast<uint16_t>(reader.integer());
    place.rank = static_cast<int>(reader.integer());
    place.world = static_cast<int>(reader.integer());
    TORCH_CHECK_VALUE(
        place.world >= 1 && place.rank >= 0 && place.rank < place.world,
        "rank is ", place.rank, " of ", place.world);
    place.serves = reader.integer() != 0;
    bool nccl = reader.integer() != 0;
    auto device = static_cast<int>(reader.integer());
    place.join = milliseconds(reader.integer());
    WatchLimits limits{milliseconds(reader.integer()), milliseconds(reader.integer())};

    quieten();
    auto group = c10::make_intrusive<ProcessGroup>();
    group->store = connect(place, place.serves);
    // The watch has a connection of its own: waiting for a key holds one up. It stands before the
    // ranks meet, so that each of them hears of a rank 0 that ends from then on.
    auto watch_store = c10::make_intrusive<c10d::PrefixStore>("watch", connect(place, false));
    meet(*group->store, place);
    group->watch = std::make_unique<RankWatch>(
        std::move(watch_store), place.rank, place.world, limits, &arenas.calls);
    group->watch->set_waiting(true);
    try {
      auto backend_store = c10::make_intrusive<c10d::PrefixStore>("backend", group->store);
      group->backend = nccl ? new_nccl(backend_store, place.rank, place.world, device)
                            : new_gloo(backend_store, place);
    } catch (const std::exception& error) {
      auto found = group->watch->await_verdict();
      TORCH_CHECK(false, found.empty() ? std::string("joining failed: ") + error.what() : found);
    }
    group->watch->set_waiting(false);
    arenas.results[0] = handles<ProcessGroup>().put(std::move(group));
  });
}

// Leaves; rank 0, where it serves the store, waits a little for the others to leave before it.
ISA4D_EXPORT int32_t isa4d_group_free(double handle) {
  return guarded([&] {
    auto group = handles<ProcessGroup>().take(handle);
    // NCCL's threads and communicators must go before libtorch does; Gloo has nothing to be told.
    if (group->backend) group->backend->shutdown();
    group->watch.reset();
  });
}

// Tells the other ranks why this one ends.
ISA4D_EXPORT int32_t isa4d_group_fail(double handle, const char* message) {
  return guarded([&] {
    const auto& group = group_of(handle);
    group->watch->fail(message);
    // Kernels that wait for the others would hold up the end of the process.
    if (group->backend) group->backend->abort();
  });
}

// Throws where another rank has ended; else only counts as a sign of life.
ISA4D_EXPORT int32_t isa4d_group_check(double handle) {
  return guarded([&] {
    auto found = group_of(handle)->watch->verdict();
    TORCH_CHECK(found.empty(), found);
  });
}

ISA4D_EXPORT int32_t isa4d_all_reduce(double group, double tensor, int32_t op) {
  return start(group, [&](c10d::Backend& backend) {
    std::vector<at::Tensor> tensors = {tensor_of(tensor).detach()};
    c10d::AllreduceOptions options;
    options.reduceOp = reduction(op);
    return backend.allreduce(tensors, options);
  });
}

ISA4D_EXPORT int32_t isa4d_reduce(double group, double tensor, int32_t root) {
  return start(group, [&](c10d::Backend& backend) {
    std::vector<at::Tensor> tensors = {tensor_of(tensor).detach()};
    c10d::ReduceOptions options;
    options.rootRank = root;
    return backend.reduce(tensors, options);
  });
}

ISA4D_EXPORT int32_t isa4d_broadcast(double group, double tensor, int32_t root) {
  return start(group, [&](c10d::Backend& backend) {
    std::vector<at::Tensor> tensors = {tensor_of(tensor).detach()};
    c10d::BroadcastOptions options;
    options.rootRank = root;
    return backend.broadcast(tensors, options);
  });
}

// `output` holds world times the values of `input`.
ISA4D_EXPORT int32_t isa4d_all_gather(double group, double output, double input) {
  return start(group, [&](c10d::Backend& backend) {
    auto out = tensor_of(output).detach();
    auto in = tensor_of(input).detach();
    return backend._allgather_base(out, in);
  });
}

ISA4D_EXPORT int32_t isa4d_barrier(double group) {
  return start(group, [&](c10d::Backend& backend) { return backend.barrier(); });
}

// Blocks until the exchange is done.
ISA4D_EXPORT int32_t isa4d_exchange_wait(double handle) {
  return guarded([&] {
    auto exchange = handles<Exchange>().at(handle);
    exchange->group->wait(exchange->work);
  });
}

// Whether the exchange is done, to results[0].
ISA4D_EXPORT int32_t isa4d_exchange_done(double handle) {
  return guarded([&] {
    auto exchange = handles<Exchange>().at(handle);
    arenas.results[0] = exchange->group->poll(exchange->work) ? 1 : 0;
  });
}

ISA4D_EXPORT int32_t isa4d_exchange_free(double handle) {
  return guarded([&] { handles<Exchange>().take(handle); });
}
