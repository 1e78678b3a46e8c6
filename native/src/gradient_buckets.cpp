// Gradients on their way to the ranks that own them: they are gathered into buckets by hooks as the
// backward pass makes them, and a full bucket sets out while the pass goes on.
#include "process_group.h"

#include <ATen/ATen.h>

#include <mutex>
#include <optional>

namespace isa4d {
namespace {

struct Slot {
  at::Tensor parameter;
  at::Tensor view;  // its part of the bucket
  size_t bucket = 0;
  std::optional<unsigned> hook;
  // Gradients of one pass: one, but more where the pass is made of several.
  int64_t expected = 0;
  int64_t seen = 0;
  bool filled = false;
};

struct Bucket {
  at::Tensor flat;
  int root = 0;
  int64_t parameters = 0;
  int64_t complete = 0;
};

class GradientBuckets : public c10::intrusive_ptr_target {
 public:
  GradientBuckets(GroupPtr group, Reader& reader);
  ~GradientBuckets() override;

  // A new step: all is empty.
  void clear();
  // From now on gradients are taken; in the `last` pass of a step, full buckets set out.
  void begin_pass(bool last);
  // Ends a pass; after the last one what is left sets out.
  void end_pass();
  // The buckets' values from their owners to all.
  void start_broadcast();
  // Until all that set out has arrived.
  void wait();
  void write(Writer& writer, bool used);

 private:
  at::Tensor take(size_t index, const at::Tensor& gradient);
  void set_out(bool all);
  void add_hooks();
  void remove_hooks();

  const GroupPtr group_;
  std::vector<Slot> slots_;
  std::vector<Bucket> buckets_;
  std::vector<c10::intrusive_ptr<c10d::Work>> works_;
  size_t next_ = 0;
  bool taking_ = false;
  bool last_ = false;
  bool learned_ = false;
  // Hooks run on the thread of the device whose backward pass it is.
  std::mutex mutex_;
};

GradientBuckets::GradientBuckets(GroupPtr group, Reader& reader) : group_(std::move(group)) {
  buckets_.resize(reader.count());
  for (auto& bucket : buckets_) bucket.root = static_cast<int>(reader.integer());
  slots_.resize(reader.count());
  std::vector<int64_t> sizes(buckets_.size());
  for (auto& slot : slots_) {
    slot.parameter = reader.tensor();
    slot.bucket = static_cast<size_t>(reader.integer());
    TORCH_CHECK_INDEX(slot.bucket < buckets_.size(), "there is no bucket ", slot.bucket);
    sizes[slot.bucket] += slot.parameter.numel();
    buckets_[slot.bucket].parameters++;
  }
  std::vector<int64_t> offsets(buckets_.size());
  for (auto& slot : slots_) {
    auto& bucket = buckets_[slot.bucket];
    if (!bucket.flat.defined()) {
      bucket.flat = at::zeros({sizes[slot.bucket]}, slot.parameter.options().requires_grad(false));
    }
    TORCH_CHECK_TYPE(
        bucket.flat.dtype() == slot.parameter.dtype(), "a bucket holds parameters of one dtype");
    auto& offset = offsets[slot.bucket];
    slot.view = bucket.flat.narrow(0, offset, slot.parameter.numel()).view(slot.parameter.sizes());
    offset += slot.parameter.numel();
  }
  try {
    add_hooks();
  } catch (...) {
    remove_hooks();
    throw;
  }
}

GradientBuckets::~GradientBuckets() {
  remove_hooks();
}

void GradientBuckets::add_hooks() {
  for (size_t i = 0; i < slots_.size(); i++) {
    slots_[i].hook = slots_[i].parameter.register_hook(
        [this, i](const at::Tensor& gradient) { return take(i, gradient); });
  }
}

// They hold this object's address, so none may outlive it.
void GradientBuckets::remove_hooks() {
  for (auto& slot : slots_) {
    if (slot.hook) slot.parameter.remove_hook(*slot.hook);
    slot.hook.reset();
  }
}

void GradientBuckets::clear() {
  works_.clear();
  next_ = 0;
  for (auto& slot : slots_) slot.filled = false;
}

void GradientBuckets::begin_pass(bool last) {
  std::lock_guard<std::mutex> lock(mutex_);
  taking_ = true;
  last_ = last;
  for (auto& slot : slots_) slot.seen = 0;
  for (auto& bucket : buckets_) bucket.complete = 0;
}

at::Tensor GradientBuckets::take(size_t index, const at::Tensor& gradient) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!taking_ || !gradient.defined()) return at::Tensor();
  auto& slot = slots_[index];
  auto& bucket = buckets_[slot.bucket];
  TORCH_CHECK(
      slot.bucket >= next_,
      "a gradient came after its bucket had set out: a parameter is used more often than before");
  if (slot.filled) slot.view.add_(gradient);
  else slot.view.copy_(gradient);
  slot.filled = true;
  if (++slot.seen == slot.expected && learned_) {
    bucket.complete++;
    if (last_) set_out(false);
  }
  // In the gradient's place, so that its memory goes at once.
  return slot.view;
}

// In the order of the buckets, which is the same on all ranks.
void GradientBuckets::set_out(bool all) {
  for (; next_ < buckets_.size(); next_++) {
    auto& bucket = buckets_[next_];
    if (!all && bucket.complete < bucket.parameters) return;
    std::vector<at::Tensor> tensors = {bucket.flat};
    c10d::ReduceOptions options;
    options.rootRank = bucket.root;
    works_.push_back(group_->backend->reduce(tensors, options));
  }
}

void GradientBuckets::end_pass() {
  std::lock_guard<std::mutex> lock(mutex_);
  taking_ = false;
  if (!learned_) {
    for (auto& slot : slots_) slot.expected = slot.seen;
  }
  if (!last_) return;
  learned_ = true;
  for (auto& slot : slots_) {
    if (!slot.filled) slot.view.zero_();
  }
  set_out(true);
}

void GradientBuckets::start_broadcast() {
  works_.clear();
  for (auto& bucket : buckets_) {
    std::vector<at::Tensor> tensors = {bucket.flat};
    c10d::BroadcastOptions options;
    options.rootRank = bucket.root;
    works_.push_back(group_->backend->broadcast(tensors, options));
  }
}

void GradientBuckets::wait() {
  for (auto& work : works_) group_->wait(work);
  works_.clear();
}

void GradientBuckets::write(Writer& writer, bool used) {
  int64_t words = 0;
  for (auto& slot : slots_) words += used ? 1 : Writer::words_of(slot.view);
  writer.reserve(words);
  for (auto& slot : slots_) {
    if (used) writer.word(slot.filled ? 1 : 0);
    else writer.tensor(slot.view);
  }
}

GradientBuckets& buckets_of(double handle) {
  return *handles<GradientBuckets>().at(handle);
}

}  // namespace
}  // namespace isa4d

using namespace isa4d;

// arguments: number of buckets and the owner of each; number of parameters, each with its bucket.
// The handle to results[0].
ISA4D_EXPORT int32_t isa4d_buckets_new(double group) {
  return guarded([&] {
    Reader reader;
    auto buckets = c10::make_intrusive<GradientBuckets>(group_of(group), reader);
    arenas.results[0] = handles<GradientBuckets>().put(std::move(buckets));
  });
}

ISA4D_EXPORT int32_t isa4d_buckets_free(double handle) {
  return guarded([&] { handles<GradientBuckets>().take(handle); });
}

// results: each parameter's part of the buckets.
ISA4D_EXPORT int32_t isa4d_buckets_views(double handle) {
  return guarded([&] {
    Writer writer;
    buckets_of(handle).write(writer, false);
  });
}

ISA4D_EXPORT int32_t isa4d_buckets_clear(double handle) {
  return guarded([&] { buckets_of(handle).clear(); });
}

ISA4D_EXPORT int32_t isa4d_buckets_begin(double handle, int32_t last) {
  return guarded([&] { buckets_of(handle).begin_pass(last != 0); });
}

ISA4D_EXPORT int32_t isa4d_buckets_end(double handle) {
  return guarded([&] { buckets_of(handle).end_pass(); });
}

// Waits for what set out; results: for each parameter whether it had a gradient here.
ISA4D_EXPORT int32_t isa4d_buckets_wait(double handle) {
  return guarded([&] {
    buckets_of(handle).wait();
    Writer writer;
    buckets_of(handle).write(writer, true);
  });
}

ISA4D_EXPORT int32_t isa4d_buckets_broadcast(double handle) {
  return guarded([&] { buckets_of(handle).start_broadcast(); });
}
