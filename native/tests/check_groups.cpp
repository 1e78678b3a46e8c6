// The functions of ranks, with one rank: each exchange is done at once.
#include "native_check.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace native_check {
namespace {

// A port that nobody listens at.
double free_port() {
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT(bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
  EXPECT(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  close(listener);
  return ntohs(address.sin_port);
}

void wrong_handles(double tensor) {
  for (double wrong : {0.0, -1.0, 1e18, tensor}) {
    EXPECT(isa4d_group_free(wrong) == kValue && isa4d_group_check(wrong) == kValue);
    EXPECT(isa4d_group_fail(wrong, "no") == kValue && isa4d_barrier(wrong) == kValue);
    EXPECT(isa4d_all_reduce(wrong, tensor, 0) == kValue && isa4d_reduce(wrong, tensor, 0) == kValue);
    EXPECT(isa4d_broadcast(wrong, tensor, 0) == kValue);
    EXPECT(isa4d_all_gather(wrong, tensor, tensor) == kValue);
    EXPECT(isa4d_exchange_wait(wrong) == kValue && isa4d_exchange_done(wrong) == kValue);
    EXPECT(isa4d_exchange_free(wrong) == kValue && isa4d_buckets_free(wrong) == kValue);
    EXPECT(isa4d_buckets_new(wrong) != kOk && isa4d_buckets_views(wrong) == kValue);
    EXPECT(isa4d_buckets_clear(wrong) == kValue && isa4d_buckets_begin(wrong, 1) == kValue);
    EXPECT(isa4d_buckets_end(wrong) == kValue && isa4d_buckets_wait(wrong) == kValue);
    EXPECT(isa4d_buckets_broadcast(wrong) == kValue);
  }
}

void exchanges(Arenas& arenas, double group, double x) {
  auto done = [&](int32_t status) {
    EXPECT(status == kOk);
    double exchange = arenas.result();
    EXPECT(isa4d_exchange_wait(exchange) == kOk);
    EXPECT(isa4d_exchange_done(exchange) == kOk && arenas.result() == 1);
    EXPECT(isa4d_exchange_free(exchange) == kOk && isa4d_exchange_free(exchange) == kValue);
  };
  for (int32_t op : {0, 1, 2}) done(isa4d_all_reduce(group, x, op));
  EXPECT(isa4d_all_reduce(group, x, 9) == kValue && isa4d_all_reduce(group, -1, 0) == kValue);
  done(isa4d_reduce(group, x, 0));
  done(isa4d_broadcast(group, x, 0));
  done(isa4d_barrier(group));
  double y = floats(arenas, {0, 0});
  done(isa4d_all_gather(group, y, x));
  EXPECT(values_of(y, 2) == (std::vector<float>{1, 2}) && isa4d_free(y) == kOk);
}

// Two parameters in a bucket; their gradients come out of it.
void buckets(Arenas& arenas, double group) {
  double a = floats(arenas, {1, 2}), b = floats(arenas, {3});
  auto make = [&](const std::vector<double>& words) {
    arenas.set(words);
    return isa4d_buckets_new(group);
  };
  EXPECT(make({}) == kType && make({-1}) == kType && make({1e12, 0}) == kType);
  EXPECT(make({1, 0, 1e12}) == kType && make({1, 0, 1, a, 7}) == kIndex);
  EXPECT(isa4d_set_requires_grad(a, 1) == kOk);
  // `a` has its hook already when `b`, which takes none, is refused: the hook must go.
  EXPECT(make({1, 0, 2, a, 0, b, 0}) != kOk);
  EXPECT(isa4d_set_requires_grad(b, 1) == kOk);

  auto backward = [&] {
    EXPECT(arenas.call(op(arenas, "aten::mul", "Tensor"), {2, kTensor, a, kTensor, b}) == kOk);
    double product = arenas.tensor();
    EXPECT(arenas.call(op(arenas, "aten::sum"), {1, kTensor, product}) == kOk);
    double loss = arenas.tensor();
    arenas.set({1, loss, 2, a, b, 0, 0, 0, 0});
    EXPECT(isa4d_grad() == kOk);
    for (double gradient : {arenas.result(1), arenas.result(7)}) EXPECT(isa4d_free(gradient) == kOk);
    EXPECT(isa4d_free(product) == kOk && isa4d_free(loss) == kOk);
  };
  backward();
  EXPECT(make({1, 0, 2, a, 0, b, 0}) == kOk);
  double buckets = arenas.result();
  for (int pass = 0; pass < 2; pass++) {
    EXPECT(isa4d_buckets_clear(buckets) == kOk && isa4d_buckets_begin(buckets, 1) == kOk);
    backward();
    EXPECT(isa4d_buckets_end(buckets) == kOk && isa4d_buckets_wait(buckets) == kOk);
    EXPECT(arenas.result(0) == 1 && arenas.result(1) == 1);
  }
  EXPECT(isa4d_buckets_views(buckets) == kOk);
  double of_a = arenas.result(1), of_b = arenas.result(7);
  EXPECT(values_of(of_a, 2) == (std::vector<float>{3, 3}) && values_of(of_b, 1)[0] == 3);
  EXPECT(isa4d_buckets_broadcast(buckets) == kOk && isa4d_buckets_wait(buckets) == kOk);
  EXPECT(isa4d_buckets_free(buckets) == kOk && isa4d_buckets_free(buckets) == kValue);
  backward();  // no hook is left
  for (double tensor : {a, b, of_a, of_b}) EXPECT(isa4d_free(tensor) == kOk);
}

}  // namespace

void check_groups() {
  Arenas arenas;
  double x = floats(arenas, {1, 2});
  wrong_handles(x);
  auto join = [&](const std::vector<double>& words) {
    arenas.set(words);
    return isa4d_group_new("127.0.0.1", "check");
  };
  double port = free_port();
  EXPECT(join({}) == kType && join({port, 0, 1}) == kType);
  EXPECT(join({port, 1, 1, 1, 0, -1, 9e3, 9e3, 9e3}) == kValue);
  EXPECT(join({port, -1, 1, 1, 0, -1, 9e3, 9e3, 9e3}) == kValue);
  EXPECT(join({port, 0, 1, 1, 0, -1, 9e3, 9e3, 9e3}) == kOk);
  double group = arenas.result();
  EXPECT(isa4d_group_check(group) == kOk);
  exchanges(arenas, group, x);
  buckets(arenas, group);
  EXPECT(isa4d_group_free(group) == kOk && isa4d_group_free(group) == kValue);
  EXPECT(isa4d_free(x) == kOk);
}

}  // namespace native_check
