// Reads schemas into a form that arguments can be decoded by quickly.
#include "isa4d.h"
#include "operators.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace isa4d {
namespace {

Kind list_kind(const c10::TypePtr& element) {
  switch (element->kind()) {
    case c10::TypeKind::TensorType: return Kind::TensorList;
    case c10::TypeKind::OptionalType: return Kind::OptionalTensorList;
    case c10::TypeKind::IntType: return Kind::IntList;
    case c10::TypeKind::FloatType: return Kind::FloatList;
    case c10::TypeKind::BoolType: return Kind::BoolList;
    case c10::TypeKind::NumberType: return Kind::NumberList;
    default: return Kind::Other;
  }
}

c10::TypePtr without_optional(const c10::TypePtr& type) {
  return type->kind() == c10::TypeKind::OptionalType ? type->containedType(0) : type;
}

Kind kind_of(const c10::Argument& argument) {
  // Codes of enumerations pass as plain integers, but for the schema's own type.
  switch (without_optional(argument.real_type())->kind()) {
    case c10::TypeKind::ScalarTypeType: return Kind::DType;
    case c10::TypeKind::LayoutType:
    case c10::TypeKind::MemoryFormatType: return Kind::Other;
    default: break;
  }
  auto type = without_optional(argument.type());
  switch (type->kind()) {
    case c10::TypeKind::TensorType: return Kind::Tensor;
    case c10::TypeKind::IntType: return Kind::Int;
    case c10::TypeKind::FloatType: return Kind::Float;
    case c10::TypeKind::BoolType: return Kind::Bool;
    case c10::TypeKind::NumberType: return Kind::Number;
    case c10::TypeKind::StringType: return Kind::String;
    case c10::TypeKind::GeneratorType: return Kind::Generator;
    case c10::TypeKind::DeviceObjType: return Kind::Device;
    case c10::TypeKind::ListType: return list_kind(type->containedType(0));
    default: return Kind::Other;
  }
}

Parameter parameter_of(const c10::Argument& argument) {
  bool optional = argument.type()->kind() == c10::TypeKind::OptionalType;
  return {kind_of(argument), optional, argument.N().value_or(0), &argument};
}

bool is_tensor(const c10::Argument& argument) {
  return argument.type()->kind() == c10::TypeKind::TensorType &&
      !(argument.alias_info() && argument.alias_info()->isWrite());
}

// By the schema, which settles the C++ type.
Typed typed_of(const c10::OperatorHandle& handle) {
  const auto& schema = handle.schema();
  const auto& arguments = schema.arguments();
  auto tensors = std::count_if(arguments.begin(), arguments.end(), is_tensor);
  if (tensors == 0 || !is_tensor(arguments[0]) || schema.returns().size() != 1 ||
      !is_tensor(schema.returns()[0])) {
    return {};
  }
  if (arguments.size() == 1) return handle.typed<at::Tensor(const at::Tensor&)>();
  if (tensors != 2 || !is_tensor(arguments[1])) return {};
  if (arguments.size() == 2) return handle.typed<at::Tensor(const at::Tensor&, const at::Tensor&)>();
  bool alpha = arguments.size() == 3 && arguments[2].name() == "alpha" &&
      arguments[2].default_value() && arguments[2].default_value()->isInt() &&
      arguments[2].default_value()->toInt() == 1;
  if (!alpha) return {};
  return handle.typed<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Scalar&)>();
}

// Operators live as long as the process: their index is what callers keep. Looking one up by index
// takes no lock, so the table never moves.
constexpr int32_t kMaxOperators = 8192;
std::mutex operators_mutex;
std::array<std::atomic<Operator*>, kMaxOperators> operators;
std::unordered_map<std::string, int32_t> operator_indices;

}  // namespace

int32_t operator_index(const char* name, const char* overload) {
  std::lock_guard<std::mutex> lock(operators_mutex);
  std::string key = std::string(name) + "." + overload;
  if (auto found = operator_indices.find(key); found != operator_indices.end()) {
    return found->second;
  }
  auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
  TORCH_CHECK_NOT_IMPLEMENTED(
      handle.has_value(), "this libtorch has no operator ", name, *overload ? "." : "", overload);
  auto index = static_cast<int32_t>(operator_indices.size());
  TORCH_CHECK(index < kMaxOperators, "more than ", kMaxOperators, " operators are in use");
  auto op = std::make_unique<Operator>(*handle);
  const auto& schema = op->handle.schema();
  for (const auto& argument : schema.arguments()) {
    op->parameters.push_back(parameter_of(argument));
  }
  for (const auto& result : schema.returns()) {
    op->aliases_input.push_back(result.alias_info() && result.alias_info()->isWrite());
  }
  op->typed = typed_of(op->handle);
  operators[index].store(op.release(), std::memory_order_release);
  operator_indices.emplace(std::move(key), index);
  return index;
}

const Operator& operator_at(int32_t index) {
  TORCH_CHECK_INDEX(
      index >= 0 && index < kMaxOperators && operators[index].load(std::memory_order_acquire),
      "no operator has index ", index);
  return *operators[index].load(std::memory_order_acquire);
}

}  // namespace isa4d

// The operator's index in results[0].
ISA4D_EXPORT int32_t isa4d_operator(const char* name, const char* overload) {
  return isa4d::guarded(
      [&] { isa4d::arenas.results[0] = isa4d::operator_index(name, overload); });
}
