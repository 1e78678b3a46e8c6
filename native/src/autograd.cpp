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
  torch::autograd::variable_list tensors;
  tensors.reserve(length);
  for (int64_t i = 0; i < length; i++) tensors.push_back(reader.tensor());
  return tensors;
}

}  // namespace

// arguments: outputs, inputs, output gradients (each a length and handles; 0: ones), then whether to
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
    Writer writer;
    for (auto& grad : grads) writer.tensor(std::move(grad));
  });
}

// Returns the former state.
ISA4D_EXPORT int32_t isa4d_set_grad_enabled(int32_t on) {
  bool before = c10::GradMode::is_enabled();
  c10::GradMode::set_enabled(on != 0);
  return before ? 1 : 0;
}

// The guard's address in results[0]; guards are left in the reverse order, on the same thread.
ISA4D_EXPORT int32_t isa4d_enter_inference() {
  return guarded([&] { arenas.results[0] = to_word(new c10::InferenceMode(true)); });
}

ISA4D_EXPORT void isa4d_leave_inference(double guard) {
  delete from_word<c10::InferenceMode>(guard);
}
