// Attention over short sequences (fused_attention_body.h) as an operator with its gradient.
#include "fused_common.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace isa4d::fused {
namespace {

using at::Tensor;
using OptionalTensor = std::optional<Tensor>;

Tensor with_rows(const Tensor& x) {
  return x.stride(-1) == 1 ? x : x.contiguous();
}

void set_strides(int64_t (&to)[3], const Tensor& x) {
  for (int i = 0; i < 3; i++) to[i] = x.stride(i);
}

// [B, L, N, H], seen as [B, N, L, H]: what follows joins the heads and copies nothing.
Tensor heads_inside(const Tensor& like, at::IntArrayRef sizes) {
  return at::empty({sizes[0], sizes[2], sizes[1], sizes[3]}, like.options()).transpose(1, 2);
}

void check_attention(const Tensor& q, const Tensor& k, const Tensor& v) {
  TORCH_CHECK_VALUE(
      q.dim() == 4 && k.dim() == 4 && k.sizes() == v.sizes() && q.size(0) == k.size(0) &&
          q.size(1) == k.size(1) && q.size(3) == k.size(3) && k.size(2) > 0,
      "isa4d: attention of queries ", q.sizes(), " to keys ", k.sizes(), " and values ", v.sizes());
}

// Everything that one call works on, kept alive; without a result on the way back.
struct Call {
  Tensor q, k, v, mask, out, log_sums;
  Attention job;

  Call(
      const Tensor& q_given, const Tensor& k_given, const Tensor& v_given,
      const OptionalTensor& mask_given, double scale, Tensor out_given, Tensor log_sums_given)
      : q(with_rows(q_given)),
        k(with_rows(k_given.to(q_given.scalar_type()))),
        v(with_rows(v_given.to(q_given.scalar_type()))),
        out(std::move(out_given)),
        log_sums(std::move(log_sums_given)),
        job{} {
    job.q = values(q), job.k = values(k), job.v = values(v);
    set_strides(job.q_strides, q);
    set_strides(job.k_strides, k);
    set_strides(job.v_strides, v);
    if (out.defined()) {
      job.out = values(out);
      set_strides(job.out_strides, out);
    }
    if (mask_given.has_value()) {
      mask = with_rows(mask_given->to(at::kFloat))
                 .expand({q.size(0), q.size(1), q.size(2), k.size(2)});
      if (mask.stride(3) != 1) mask = mask.contiguous();
      job.mask = mask.const_data_ptr<float>();
      set_strides(job.mask_strides, mask);
    }
    job.heads = q.size(1), job.queries = q.size(2), job.keys = k.size(2), job.width = q.size(3);
    job.scale = static_cast<float>(scale);
    job.log_sums = log_sums.defined() ? log_sums.data_ptr<float>() : nullptr;
  }

  template <typename Work>
  void over_heads(bool backward, Work work) const {
    int64_t room = kernels().attention_scratch(job, backward);
    int64_t each = std::max<int64_t>(1, job.queries * job.keys * job.width);
    at::parallel_for(
        0, q.size(0) * q.size(1), std::max<int64_t>(1, (1 << 16) / each),
        [&](int64_t begin, int64_t end) {
          auto scratch = at::empty({room}, q.options().dtype(at::kFloat));
          work(scratch.data_ptr<float>(), begin, end);
        });
  }
};

// `log_sums` undefined where no gradient is wanted.
Tensor run_attention(
    const Tensor& q, const Tensor& k, const Tensor& v, const OptionalTensor& mask, double scale,
    const Tensor& log_sums) {
  check_values(q, "a query");
  check_attention(q, k, v);
  Call call(q, k, v, mask, scale, heads_inside(q, q.sizes()), log_sums);
  call.over_heads(false, [&](float* scratch, int64_t begin, int64_t end) {
    kernels().attention(call.job, scratch, begin, end);
  });
  return call.out;
}

Tensor attention_cpu(
    const Tensor& q, const Tensor& k, const Tensor& v, const OptionalTensor& mask, double scale) {
  return run_attention(q, k, v, mask, scale, Tensor());
}

Tensor attention_meta(
    const Tensor& q, const Tensor& k, const Tensor& v, const OptionalTensor&, double) {
  check_attention(q, k, v);
  return heads_inside(q, q.sizes());
}

using Op = Tensor(const Tensor&, const Tensor&, const Tensor&, const OptionalTensor&, double);

c10::TypedOperatorHandle<Op> attention_op() {
  static auto op =
      c10::Dispatcher::singleton().findSchemaOrThrow("isa4d::attention", "").typed<Op>();
  return op;
}

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct AttentionFunction : torch::autograd::Function<AttentionFunction> {
  static Tensor forward(
      AutogradContext* context, const Tensor& q, const Tensor& k, const Tensor& v,
      const OptionalTensor& mask, double scale) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto log_sums = at::empty({q.size(0), q.size(1), q.size(2)}, q.options().dtype(at::kFloat));
    auto out = q.is_meta() ? attention_op().call(q, k, v, mask, scale)
                           : run_attention(q, k, v, mask, scale, log_sums);
    context->save_for_backward({q, k, v, mask.value_or(Tensor()), log_sums});
    context->saved_data["scale"] = scale;
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list given) {
    auto saved = context->get_saved_variables();
    const auto &q = saved[0], &k = saved[1], &v = saved[2];
    auto dq = heads_inside(q, q.sizes()), dk = heads_inside(q, k.sizes());
    auto dv = heads_inside(q, v.sizes());
    if (q.is_meta()) return {dq, dk, dv, Tensor(), Tensor()};
    auto dout = with_rows(given[0]);
    auto mask = saved[3].defined() ? OptionalTensor(saved[3]) : std::nullopt;
    double scale = context->saved_data["scale"].toDouble();
    Call call(q, k, v, mask, scale, Tensor(), saved[4]);
    AttentionBackward job{call.job, values(dout), values(dq), values(dk), values(dv),
                          {}, {}, {}, {}};
    set_strides(job.dout_strides, dout);
    set_strides(job.dq_strides, dq);
    set_strides(job.dk_strides, dk);
    set_strides(job.dv_strides, dv);
    call.over_heads(true, [&](float* scratch, int64_t begin, int64_t end) {
      kernels().attention_backward(job, scratch, begin, end);
    });
    return {dq, dk.to(k.scalar_type()), dv.to(v.scalar_type()), Tensor(), Tensor()};
  }
};

Tensor attention_autograd(
    const Tensor& q, const Tensor& k, const Tensor& v, const OptionalTensor& mask, double scale) {
  if (recorded({&q, &k, &v})) return AttentionFunction::apply(q, k, v, mask, scale);
  at::AutoDispatchBelowADInplaceOrView below;
  return attention_op().call(q, k, v, mask, scale);
}

}  // namespace
}  // namespace isa4d::fused

TORCH_LIBRARY_FRAGMENT(isa4d, m) {
  m.def("attention(Tensor q, Tensor k, Tensor v, Tensor? mask, float scale) -> Tensor");
}

TORCH_LIBRARY_IMPL(isa4d, CPU, m) {
  m.impl("attention", &isa4d::fused::attention_cpu);
}

TORCH_LIBRARY_IMPL(isa4d, Meta, m) {
  m.impl("attention", &isa4d::fused::attention_meta);
}

TORCH_LIBRARY_IMPL(isa4d, Autograd, m) {
  m.impl("attention", &isa4d::fused::attention_autograd);
}
