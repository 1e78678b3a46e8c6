// The table of operators in use: looked up in the dispatcher once, then known by an index.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>

#include <cstdint>
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

struct Operator {
  explicit Operator(c10::OperatorHandle op) : handle(std::move(op)) {}
  c10::OperatorHandle handle;
  std::vector<Parameter> parameters;
  std::vector<bool> aliases_input;  // by result: an argument that was written to
};

// Looks the operator up; throws NotImplementedError where this libtorch has none of that name.
int32_t operator_index(const char* name, const char* overload);

const Operator& operator_at(int32_t index);

}  // namespace isa4d
