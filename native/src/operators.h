// The table of operators in use: looked up in the dispatcher once, then known by an index.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>

#include <cstdint>
#include <variant>
#include <vector>

namespace isa4d {

enum class Kind {
  Tensor,
  TensorList,
  OptionalTensorList,
  Int,
  Float,
  Bool,
  Number,
  DType,
  IntList,
  FloatList,
  BoolList,
  NumberList,
  String,
  Generator,
  Device,
  Other,
};

struct Parameter {
  Kind kind;
  bool optional;
  int64_t fixed_length;  // of lists such as int[2]: a lone number fills it
  const c10::Argument* argument;
};

// Most calls are of operators of these C++ types, and calling those as they are saves the boxes.
using Unary = c10::TypedOperatorHandle<at::Tensor(const at::Tensor&)>;
using Binary = c10::TypedOperatorHandle<at::Tensor(const at::Tensor&, const at::Tensor&)>;
using Sum = c10::TypedOperatorHandle<
    at::Tensor(const at::Tensor&, const at::Tensor&, const at::Scalar&)>;  // add, sub: with alpha
using Typed = std::variant<std::monostate, Unary, Binary, Sum>;

struct Operator {
  explicit Operator(c10::OperatorHandle op) : handle(std::move(op)) {}
  c10::OperatorHandle handle;
  std::vector<Parameter> parameters;
  std::vector<bool> aliases_input;  // by result: an argument that was written to
  Typed typed;
};

// Looks the operator up; throws NotImplementedError where this libtorch has none of that name.
int32_t operator_index(const char* name, const char* overload);

const Operator& operator_at(int32_t index);

}  // namespace isa4d
