// Operators called with arguments that no caller would send: mutations of good ones, cut off
// anywhere, with any tag, length, handle and number. Whatever comes, a call ends in a status.
#include "native_check.h"

#include <limits>
#include <random>

namespace native_check {
namespace {

// In place of an operator's index: other functions that read the arena.
constexpr int32_t kGrad = -1;
constexpr int32_t kFromBytes = -2;

struct Sample {
  int32_t op;
  std::vector<double> words;
};

const float values[6] = {1, 2, 3, 4, 5, 6};

int32_t call(Arenas& arenas, int32_t op, const std::vector<double>& words) {
  arenas.set(words);
  if (op == kGrad) return isa4d_grad();
  return op == kFromBytes ? isa4d_from_bytes(values, sizeof values) : isa4d_call(op);
}

struct Given {
  double x, index, generator, leaf, loss;
};

// Of every kind of argument one, none of which makes large tensors of large numbers.
std::vector<Sample> samples(Arenas& arenas, const Given& given) {
  const auto& [x, index, generator, leaf, loss] = given;
  auto sample = [&](const char* name, const char* overload, std::vector<double> words) {
    return Sample{op(arenas, name, overload), std::move(words)};
  };
  return {
      {kGrad, {1, loss, 1, leaf, 0, 1, 0, 0}},
      {kFromBytes, {kFloat32, 2, 2, 3}},
      sample("aten::relu", "", {1, kTensor, x}),
      sample("aten::add", "Tensor", {3, kTensor, x, kTensor, x, kNumber, 2}),
      sample("aten::mul", "Tensor", {2, kTensor, x, kNumber, 0.5}),
      sample("aten::cat", "", {2, kTensors, 2, x, x, kNumber, 0}),
      sample("aten::sum", "dim_IntList", {3, kTensor, x, kList, 1, 0, kNumber, 1}),
      sample("aten::permute", "", {2, kTensor, x, kList, 2, 1, 0}),
      sample("aten::index", "Tensor", {2, kTensor, x, kTensors, 2, 0, index}),
      sample("aten::clamp", "", {3, kTensor, x, kNumber, -1, kNone}),
      sample("aten::div", "Tensor_mode", {3, kTensor, x, kNumber, 2, kString, 5, 'f', 'l', 'o', 'o', 'r'}),
      sample("aten::split_with_sizes", "", {3, kTensor, x, kList, 2, 1, 1, kNumber, 0}),
      sample("aten::layer_norm", "", {5, kTensor, x, kList, 1, 3, kOmitted, kOmitted, kNumber, 1e-5}),
      sample("aten::native_dropout", "", {3, kTensor, x, kNumber, 0.5, kNumber, 1}),
      sample("aten::bernoulli", "", {2, kTensor, x, kNumber, generator}),
      sample("aten::_to_copy", "", {2, kTensor, x, kNumber, 15}),
      sample("aten::zeros_like", "", {4, kTensor, x, kNumber, 6, kOmitted, kNumber, 0}),
      sample("aten::flip", "", {2, kTensor, x, kList, 1, 0}),
      sample("aten::_foreach_mul", "ScalarList", {2, kTensors, 2, x, x, kList, 2, 1, 2}),
      sample("aten::is_nonzero", "", {1, kTensor, index}),
      sample("aten::copy_", "", {2, kTensor, x, kTensor, x}),
  };
}

class Mutator {
 public:
  explicit Mutator(uint64_t seed, std::vector<double> handles)
      : random_(seed), handles_(std::move(handles)) {}

  size_t below(size_t limit) { return std::uniform_int_distribution<size_t>(0, limit - 1)(random_); }

  std::vector<double> mutated(std::vector<double> words) {
    for (size_t step = 0, steps = 1 + below(3); step < steps; step++) {
      if (words.empty()) return words;
      size_t at = below(words.size());
      switch (below(5)) {
        case 0: words[at] = odd(); break;
        case 1: words[at] += static_cast<double>(below(3)) - 1; break;
        case 2: words.resize(at); break;  // cut off
        case 3: words.insert(words.begin() + at, odd()); break;
        default: words.erase(words.begin() + at);
      }
    }
    return words;
  }

 private:
  // Numbers with a meaning of their own, and handles, alive and not.
  double odd() {
    constexpr double limit = std::numeric_limits<double>::max();
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double fixed[] = {
        0, 1, 2, 3, 4, 5, 6, 7, 15, 99, -1, -2, -0.0, 0.5, nan, limit, -limit, 1e18, -9.3e18,
        9007199254740992.0, 16777216, 4294967296.0, 131072, 3584};
    constexpr size_t count = std::size(fixed);
    size_t pick = below(count + 4);
    if (pick < count) return fixed[pick];
    double handle = handles_[below(handles_.size())];
    return pick == count ? handle + static_cast<double>(below(5)) * 16777216 : handle;
  }

  std::mt19937_64 random_;
  std::vector<double> handles_;
};

// What a call gave is the caller's to free.
void free_results(const Arenas& arenas) {
  size_t at = arenas.result(0) == kTensors ? 2 : 0;
  while (arenas.result(at) == kTensor) {
    EXPECT(isa4d_free(arenas.result(at + 1)) == kOk);
    at += 5 + static_cast<size_t>(arenas.result(at + 4));
  }
}

}  // namespace

void fuzz_calls(uint64_t seed, int64_t runs) {
  Arenas arenas;
  Given given;
  EXPECT(call(arenas, kFromBytes, {kFloat32, 2, 2, 3}) == kOk);
  given.x = arenas.tensor();
  const int64_t zero = 0;
  arenas.set({kInt64, 1, 1});
  EXPECT(isa4d_from_bytes(&zero, sizeof zero) == kOk);
  given.index = arenas.tensor();
  EXPECT(isa4d_generator_new(0, 1) == kOk);
  given.generator = arenas.result();
  given.leaf = floats(arenas, {1});
  EXPECT(isa4d_set_requires_grad(given.leaf, 1) == kOk);
  EXPECT(arenas.call(op(arenas, "aten::exp"), {1, kTensor, given.leaf}) == kOk);
  given.loss = arenas.tensor();
  auto good = samples(arenas, given);
  Mutator mutator(seed, {given.x, given.index, given.generator, given.leaf, given.loss});
  int64_t succeeded = 0;
  for (int64_t run = 0; run < runs; run++) {
    const Sample& sample = good[mutator.below(good.size())];
    // As often another operator's words.
    const Sample& other = good[mutator.below(4) == 0 ? mutator.below(good.size()) : &sample - good.data()];
    arenas.clear_results();
    int32_t status = call(arenas, sample.op, mutator.mutated(other.words));
    EXPECT(status >= kOk && status <= kUnknown);
    if (status == kOk) {
      succeeded++;
      free_results(arenas);
    }
  }
  std::printf("fuzz: %ld of %ld malformed calls were refused (seed %lu)\n",
      static_cast<long>(runs - succeeded), static_cast<long>(runs), static_cast<unsigned long>(seed));
  for (double tensor : {given.x, given.index, given.leaf, given.loss}) EXPECT(isa4d_free(tensor) == kOk);
  EXPECT(isa4d_generator_free(given.generator) == kOk);
}

}  // namespace native_check
