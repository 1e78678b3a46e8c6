// Every C function, used rightly and wrongly, under AddressSanitizer and UBSan; `deno task test:asan`
// builds and runs it. With ISA4D_BREAK set it does what a sanitizer must find, and must not end well.
#include "native_check.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <thread>

using namespace native_check;

namespace {

const double kNaN = std::numeric_limits<double>::quiet_NaN();
const double kInfinity = std::numeric_limits<double>::infinity();

void errors() {
  Arenas arenas;
  const int32_t kinds[] = {kRuntime, kIndex, kType, kValue, kNotImplemented, kOutOfMemory};
  for (int32_t which = 1; which <= 6; which++) EXPECT(isa4d_throw(which) == kinds[which - 1]);
  EXPECT(isa4d_throw(8) == kIndex && arenas.message() == "out of range");
  EXPECT(isa4d_throw(99) == kUnknown);
  for (size_t room : {0, 1, 2, 20}) {  // a message is cut where the caller's buffer ends
    Arenas narrow(8, room);
    EXPECT(isa4d_throw(kRuntime) == kRuntime);
    if (room > 0) EXPECT(narrow.message() == std::string("a runtime error").substr(0, room - 1));
  }
  Arenas again;
  double words[8];
  EXPECT(isa4d_bind(words, 8, words, 7, nullptr, 0) == kValue);
  EXPECT(isa4d_bind(words, kNaN, words, 8, nullptr, 0) != kOk);
}

void handles() {
  Arenas arenas;
  double x = floats(arenas, {1, 2, 3});
  EXPECT(isa4d_share(x) == kOk);
  double y = arenas.tensor();
  EXPECT(x != y);
  EXPECT(isa4d_free(x) == kOk);
  EXPECT(isa4d_free(x) == kValue);
  EXPECT(values_of(y, 3) == (std::vector<float>{1, 2, 3}));
  for (double wrong : {x, 0.0, -1.0, 1e18, kNaN, kInfinity, y + (1 << 24), y + 1e6}) {
    EXPECT(isa4d_free(wrong) == kValue && isa4d_item(wrong) == kValue);
    EXPECT(isa4d_share(wrong) == kValue && isa4d_data_address(wrong) == kValue);
    EXPECT(isa4d_is_contiguous(wrong) == kValue && isa4d_requires_grad(wrong) == kValue);
    EXPECT(isa4d_set_requires_grad(wrong, 1) == kValue);
    EXPECT(isa4d_to_bytes(wrong, nullptr, 0) == kValue);
    EXPECT(isa4d_generator_free(wrong) == kValue && isa4d_generator_state(wrong) == kValue);
    EXPECT(isa4d_generator_seed(wrong, 1) == kValue);
    EXPECT(isa4d_generator_set_state(y, y) != kOk);
  }
  EXPECT(isa4d_is_contiguous(y) == kOk && arenas.result() == 1);
  EXPECT(isa4d_data_address(y) == kOk && arenas.result() != 0);
  EXPECT(isa4d_storage(y) == kOk && arenas.result(1) == 12 && isa4d_storage(x) == kValue);
  EXPECT(isa4d_item(y) == kRuntime);
  EXPECT(isa4d_free(y) == kOk);

  std::vector<double> many;  // places are taken again, never the same handle
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 100; i++) many.push_back(floats(arenas, {static_cast<float>(i)}));
    for (int i = 0; i < 100; i++) EXPECT(isa4d_free(many[100 * round + 99 - i]) == kOk);
  }
  std::sort(many.begin(), many.end());
  EXPECT(std::adjacent_find(many.begin(), many.end()) == many.end());
}

void host_copies() {
  Arenas arenas;
  const float bytes[4] = {1, 2, 3, 4};
  auto from = [&](const std::vector<double>& words, double size) {
    arenas.set(words);
    return isa4d_from_bytes(bytes, size);
  };
  EXPECT(from({kFloat32, 2, 2, 2}, 16) == kOk);
  double x = arenas.tensor();
  EXPECT(from({kFloat32, 2, 2, 3}, 16) == kValue && from({kFloat32, 2, 2}, 16) == kType);
  EXPECT(from({kFloat32, 1, 1e15}, 16) == kValue && from({kFloat32, 3, 1e9, 1e9, 1e9}, 16) == kValue);
  EXPECT(from({kFloat32, 1, -4}, 16) == kValue && from({kFloat32, 1, kNaN}, 16) == kType);
  EXPECT(from({kFloat32, 1e300, 1}, 16) == kType && from({kFloat32, -1, 1}, 16) == kType);
  EXPECT(from({}, 0) == kType && from({99, 0}, 4) == kValue && from({kNaN, 0}, 4) == kType);
  EXPECT(from({kFloat32, 1, 4}, kNaN) == kType);
  EXPECT(from({kFloat32, 1, 0}, 0) == kOk && isa4d_free(arenas.tensor()) == kOk);

  std::vector<float> room(4);
  for (double size : {0.0, 15.0, 17.0, -1.0, 1e18}) EXPECT(isa4d_to_bytes(x, room.data(), size) == kValue);
  EXPECT(arenas.call(op(arenas, "aten::t"), {1, kTensor, x}) == kOk);
  double transposed = arenas.tensor();
  EXPECT(values_of(transposed, 4) == (std::vector<float>{1, 3, 2, 4}));
  EXPECT(isa4d_free(transposed) == kOk && isa4d_free(x) == kOk);
}

void calls() {
  Arenas arenas;
  double x = floats(arenas, {1, -2});
  int32_t relu = op(arenas, "aten::relu"), add = op(arenas, "aten::add", "Tensor");
  EXPECT(op(arenas, "aten::relu") == relu);
  EXPECT(isa4d_operator("aten::no_such_thing", "") == kNotImplemented);
  auto gives = [&](const std::vector<double>& words, int32_t index, const std::vector<float>& expected) {
    EXPECT(arenas.call(index, words) == kOk);
    double y = arenas.tensor();
    EXPECT(values_of(y, expected.size()) == expected);
    EXPECT(isa4d_free(y) == kOk);
  };
  gives({1, kTensor, x}, relu, {1, 0});
  gives({2, kTensor, x, kTensor, x}, add, {2, -4});
  gives({2, kTensor, x, kNumber, 0.5}, add, {1.5, -1.5});
  gives({2, kNumber, 1, kTensor, x}, add, {2, -1});
  gives({3, kTensor, x, kTensor, x, kNumber, 3}, add, {4, -8});  // alpha: boxed
  gives({3, kTensor, x, kTensor, x, kOmitted}, add, {2, -4});
  for (int32_t index : {-1, 8191, 8192, 1 << 30}) EXPECT(arenas.call(index, {0}) == kIndex);

  int32_t cat = op(arenas, "aten::cat"), split = op(arenas, "aten::split_with_sizes");
  gives({2, kTensors, 2, x, x, kNumber, 0}, cat, {1, -2, 1, -2});
  EXPECT(arenas.call(cat, {1, kTensors, 2, x, 0}) == kValue);
  EXPECT(arenas.call(split, {3, kTensor, x, kList, 2, 1, 1, kNumber, 0}) == kOk);
  EXPECT(arenas.result(0) == kTensors && arenas.result(1) == 2);
  for (size_t at : {3, 9}) EXPECT(isa4d_free(arenas.result(at)) == kOk);
  Arenas narrow(8);  // two tensors take 14 words: refused whole
  EXPECT(narrow.call(split, {3, kTensor, x, kList, 2, 1, 1, kNumber, 0}) == kRuntime);
  EXPECT(narrow.message() == "the result is too long for the result arena");
  Arenas back;
  EXPECT(isa4d_free(x) == kOk);
}

void schemas() {
  Arenas arenas;
  char text[4096];
  EXPECT(isa4d_schema("aten::relu", "", text, sizeof text) == kOk);
  std::string schema(text, static_cast<size_t>(arenas.result()));
  EXPECT(schema.find("aten::relu(Tensor self) -> Tensor") == 0);
  EXPECT(isa4d_schema("aten::relu", "", text, 3) == kRuntime);
  EXPECT(isa4d_schema("aten::no_such_thing", "", text, sizeof text) == kNotImplemented);
}

void gradients() {
  Arenas arenas;
  int32_t mul = op(arenas, "aten::mul", "Tensor");
  double x = floats(arenas, {3});
  EXPECT(isa4d_set_requires_grad(x, 1) == kOk);
  EXPECT(isa4d_requires_grad(x) == kOk && arenas.result() == 1);
  auto square = [&](double of) {
    EXPECT(arenas.call(mul, {2, kTensor, of, kTensor, of}) == kOk);
    return arenas.tensor();
  };
  double y = square(x);
  auto grad = [&](const std::vector<double>& words) {
    arenas.set(words);
    return isa4d_grad();
  };
  EXPECT(grad({1, y, 1, x, 0, 1, 1, 0}) == kOk);  // keeping the graph, and that of the gradient
  double first = arenas.tensor();
  EXPECT(values_of(first, 1)[0] == 6);
  EXPECT(grad({1, first, 1, x, 0, 0, 0, 0}) == kOk);
  double second = arenas.tensor();
  EXPECT(values_of(second, 1)[0] == 2);
  double other = floats(arenas, {1});
  EXPECT(isa4d_set_requires_grad(other, 1) == kOk);
  EXPECT(grad({1, y, 1, other, 0, 1, 0, 0}) == kRuntime);
  EXPECT(grad({1, y, 1, other, 0, 1, 0, 1}) == kOk && arenas.result() == kNone);
  EXPECT(grad({1, y, 1, x, 2, y, y, 1, 0, 0}) != kOk && grad({1, other, 1, other, 0, 0, 0}) == kType);
  EXPECT(grad({}) == kType && grad({1e9, y}) == kType && grad({-1, y}) == kType);
  EXPECT(grad({kNaN}) == kType && grad({1, 12345, 1, x, 0, 0, 0, 0}) == kValue);
  for (double tensor : {y, first, second, other}) EXPECT(isa4d_free(tensor) == kOk);

  EXPECT(isa4d_set_grad_enabled(0) == 1);
  double plain = square(x);
  EXPECT(isa4d_requires_grad(plain) == kOk && arenas.result() == 0);
  EXPECT(isa4d_set_grad_enabled(1) == 0);
  EXPECT(isa4d_leave_inference() == kRuntime);
  EXPECT(isa4d_enter_inference() == kOk && isa4d_enter_inference() == kOk);
  double inferred = square(x);
  EXPECT(isa4d_leave_inference() == kOk && isa4d_leave_inference() == kOk);
  EXPECT(arenas.call(mul, {2, kTensor, inferred, kTensor, x}) == kRuntime);
  for (double tensor : {x, plain, inferred}) EXPECT(isa4d_free(tensor) == kOk);
}

void casts() {
  Arenas arenas;
  EXPECT(isa4d_set_autocast(0, 1, 15) == kOk && arenas.result() == 0);
  EXPECT(isa4d_autocast_nesting(1) == kOk && isa4d_clear_autocast_cache() == kOk);
  EXPECT(isa4d_autocast_nesting(-1) == kOk);
  EXPECT(isa4d_set_autocast(0, 0, 15) == kOk && arenas.result() == 1);
  for (int32_t type : {-1, 99, 1 << 30}) EXPECT(isa4d_set_autocast(type, 1, 15) == kValue);
  EXPECT(isa4d_set_autocast(0, 1, 1 << 20) == kValue && isa4d_set_autocast(0, 1, -1) == kValue);
}

void generators() {
  Arenas arenas;
  int32_t draw = op(arenas, "aten::normal_");
  double x = floats(arenas, {0, 0, 0});
  EXPECT(isa4d_generator_new(0, 7) == kOk);
  double generator = arenas.result();
  EXPECT(isa4d_generator_state(generator) == kOk);
  double state = arenas.tensor();
  auto drawn = [&] {
    EXPECT(arenas.call(draw, {4, kTensor, x, kNumber, 0, kNumber, 1, kNumber, generator}) == kOk);
    return values_of(x, 3);
  };
  auto numbers = drawn();
  EXPECT(isa4d_generator_set_state(generator, state) == kOk && drawn() == numbers);
  EXPECT(isa4d_generator_seed(generator, 7) == kOk && drawn() == numbers);
  EXPECT(isa4d_generator_seed(generator, kNaN) == kType && isa4d_generator_seed(generator, -1) == kValue);
  EXPECT(isa4d_generator_set_state(generator, x) != kOk);
  EXPECT(isa4d_generator_new(-1, 0) == kValue && isa4d_generator_new(1e9, 0) == kValue);
  EXPECT(isa4d_generator_new(0, 1e300) == kType && isa4d_generator_new(kMeta, 0) != kOk);
  EXPECT(isa4d_generator_free(generator) == kOk && isa4d_generator_free(generator) == kValue);
  EXPECT(arenas.call(draw, {4, kTensor, x, kNumber, 0, kNumber, 1, kNumber, generator}) == kValue);
  EXPECT(isa4d_manual_seed(3) == kOk && isa4d_manual_seed(-3) == kValue);
  EXPECT(isa4d_free(x) == kOk && isa4d_free(state) == kOk);
}

void machine() {
  Arenas arenas;
  EXPECT(isa4d_set_threads(0) == kValue && isa4d_set_threads(1) == kOk && isa4d_get_threads() == 1);
  EXPECT(isa4d_cuda_devices() >= 0);
  EXPECT(isa4d_allow_tf32(1) == kOk && isa4d_allow_tf32(0) == kOk);
  EXPECT(isa4d_deterministic(1) == kOk && isa4d_deterministic(0) == kOk);
  // The CPU has no queue, and of its memory libtorch keeps no account.
  EXPECT(isa4d_memory_stats(0) != kOk && isa4d_reset_peak_memory(0) != kOk);
  EXPECT(isa4d_device_room(0) != kOk && isa4d_device_room(-5) == kValue);
  EXPECT(isa4d_empty_cache(0) == kOk && isa4d_synchronize(kNaN) == kType);
  EXPECT(isa4d_memory_stats(-5) == kValue && isa4d_empty_cache(1e300) == kType);
}

void work(float value) {
  Arenas arenas;
  int32_t add = op(arenas, "aten::add", "Tensor");
  double x = floats(arenas, {value});
  for (int i = 0; i < 200; i++) {
    EXPECT(arenas.call(add, {2, kTensor, x, kNumber, 1}) == kOk);
    EXPECT(isa4d_free(x) == kOk);
    x = arenas.tensor();
    EXPECT(isa4d_free(-x) == kValue);
  }
  EXPECT(values_of(x, 1)[0] == value + 200);
  // Left over, with the inference mode: both go with the thread.
  EXPECT(isa4d_enter_inference() == kOk && isa4d_generator_new(0, 1) == kOk);
}

void threads() {
  std::thread unbound([] {
    EXPECT(isa4d_free(1) == kRuntime && isa4d_call(0) == kRuntime && isa4d_get_threads() > 0);
  });
  unbound.join();
  std::vector<std::thread> workers;
  for (int i = 0; i < 3; i++) workers.emplace_back(work, static_cast<float>(1000 * i));
  for (auto& worker : workers) worker.join();

  Arenas arenas;
  double x = floats(arenas, {1});
  std::thread stranger([x] {  // a handle is its own thread's
    Arenas own;
    EXPECT(isa4d_item(x) == kValue && isa4d_free(x) == kValue);
  });
  stranger.join();
  EXPECT(isa4d_free(x) == kOk);
}

// What the sanitizers are there for: each of these must end the process.
void break_something(const std::string& how) {
  Arenas arenas;
  if (how == "write") {  // the caller's buffer is shorter than it says
    double x = floats(arenas, {1, 2, 3, 4});
    std::unique_ptr<char[]> small(new char[8]);
    isa4d_to_bytes(x, small.get(), 16);
  } else if (how == "read") {  // an arena shorter than it says, read by the library's own code
    std::unique_ptr<double[]> args(new double[3]{0, 0, 0});
    double results[8];
    isa4d_bind(args.get(), 100, results, 8, nullptr, 0);
    isa4d_grad();
  } else if (how == "use-after-free") {
    auto* words = new double[8]{1, 2};
    isa4d_bind(words, 8, words, 8, nullptr, 0);
    delete[] words;
    isa4d_grad();
  } else if (how == "overflow") {
    volatile int32_t large = std::numeric_limits<int32_t>::max();
    large = large + 1;
  } else {
    std::fprintf(stderr, "ISA4D_BREAK=%s is unknown\n", how.c_str());
    std::exit(2);
  }
}

void check_all() {
  const char* runs = std::getenv("ISA4D_FUZZ_RUNS");
  const char* seed = std::getenv("ISA4D_FUZZ_SEED");
  errors();
  handles();
  host_copies();
  calls();
  schemas();
  gradients();
  casts();
  generators();
  machine();
  threads();
  check_groups();
  fuzz_calls(seed ? std::strtoull(seed, nullptr, 10) : 1, runs ? std::atoll(runs) : 20000);
}

}  // namespace

int main() {
  EXPECT(isa4d_abi_version() > 0);
  // Not on the main thread, which frees nothing at its end: what leaks here is the library's fault.
  const char* how = std::getenv("ISA4D_BREAK");
  std::thread body([&] { how ? break_something(how) : check_all(); });
  body.join();
  std::puts("native_check: all held");
  return 0;
}
