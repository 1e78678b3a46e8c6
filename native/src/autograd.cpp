// Gradients, and the modes that switch their recording off.
#include "isa4d.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>

using namespace isa4d;

ISA4D_EXPORT int32_t isa4d_requires_grad(double handle) {
  return guarded([&] { arenas.results[0] = tensor_of(handle).requires_grad() ? 1 : 0; });
}

ISA4D_EXPORT int32_t isa4d_set_requires_grad(double handle, int32_t on) {
  return guarded([&] { tensor_of(handle).set_requires_grad(on != 0); });
}

namespace {

torch::autograd::variable_list read_tensors(Reader& reader) {
  int64_t length = reader.integer();
  const double* handles = reader.take(length);
  torch::autograd::variable_list tensors;
  tensors.reserve(length);
  for (int64_t i = 0; i < length; i++) tensors.push_back(tensor_of(handles[i]));
  return tensors;
}

}  // namespace

// arguments: outputs, inputs, output gradients (each a length and handles), then whether to
// retain the graph, to create one of the gradients, and to allow unused inputs.
// results: one tensor or none for each input.
ISA4D_EXPORT int32_t isa4d_grad() {
  return guarded([&] {
    Reader reader;
    auto outputs = read_tensors(reader);
    auto inputs = read_tensors(reader);
    auto grad_outputs = read_tensors(reader);
    bool retain_graph = reader.integer() != 0;
    bool create_graph = reader.integer() != 0;
    bool allow_unused = reader.integer() != 0;
    auto grads = torch::autograd::grad(
        outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused);
    int64_t words = 0;
    for (const auto& grad : grads) words += Writer::words_of(grad);
    Writer writer;
    writer.reserve(words);
    for (auto& grad : grads) writer.tensor(std::move(grad));
  });
}

// Returns the former state.
ISA4D_EXPORT int32_t isa4d_set_grad_enabled(int32_t on) {
  bool before = c10::GradMode::is_enabled();
  c10::GradMode::set_enabled(on != 0);
  return before ? 1 : 0;
}

ISA4D_EXPORT int32_t isa4d_enter_inference() {
  return guarded(
      [&] { arenas.held->inference.push_back(std::make_unique<c10::InferenceMode>(true)); });
}

// Leaves what was entered last.
ISA4D_EXPORT int32_t isa4d_leave_inference() {
  return guarded([&] {
    auto& entered = arenas.held->inference;
    TORCH_CHECK(!entered.empty(), "inference mode was left more often than entered");
    entered.pop_back();
  });
}
