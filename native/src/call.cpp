// The one generic door: any ATen operator, called with tagged arguments.
#include "arguments.h"
#include "isa4d.h"
#include "operators.h"

#include <ATen/core/ivalue.h>

#include <array>
#include <string>
#include <vector>

namespace isa4d {
namespace {

// ---- results

int64_t words_of(const c10::IValue& value) {
  if (value.isTensor()) return Writer::words_of(value.toTensor());
  if (value.isTensorList()) {
    int64_t words = 2;
    for (const auto& item : value.toListRef()) words += Writer::words_of(item.toTensor());
    return words;
  }
  return value.isIntList() ? 2 + static_cast<int64_t>(value.toListRef().size()) : 2;
}

void write_scalar(Writer& writer, double value) {
  writer.word(kNumber);
  writer.word(value);
}

void write_result(Writer& writer, c10::IValue& value) {
  if (value.isTensor()) {
    writer.tensor(std::move(value).toTensor());
  } else if (value.isTensorList()) {
    auto list = value.toTensorVector();
    writer.word(kTensors);
    writer.word(static_cast<double>(list.size()));
    for (auto& tensor : list) writer.tensor(std::move(tensor));
  } else if (value.isBool()) {
    write_scalar(writer, value.toBool() ? 1 : 0);
  } else if (value.isScalar()) {
    write_scalar(writer, value.toScalar().toDouble());
  } else if (value.isIntList()) {
    auto list = value.toIntVector();
    writer.word(kList);
    writer.word(static_cast<double>(list.size()));
    for (int64_t item : list) writer.word(static_cast<double>(item));
  } else {
    writer.word(kNone);
  }
}

void write_results(const Operator& op, torch::jit::Stack& stack) {
  const auto& aliases = op.aliases_input;
  auto is_input = [&](size_t i) { return i < aliases.size() && aliases[i]; };
  int64_t words = 0;
  for (size_t i = 0; i < stack.size(); i++) words += is_input(i) ? 1 : words_of(stack[i]);
  Writer writer;
  writer.reserve(words);
  for (size_t i = 0; i < stack.size(); i++) {
    if (is_input(i)) writer.word(kOmitted);
    else write_result(writer, stack[i]);
  }
}

// ---- boxed calls: any operator, any arguments

// Drops a call's values on every way out.
struct StackScope {
  explicit StackScope(torch::jit::Stack& values) : stack(values) { stack.clear(); }
  ~StackScope() { stack.clear(); }
  torch::jit::Stack& stack;
};

void call_boxed(const Operator& op) {
  StackScope scope(arenas.held->stack);
  Reader reader;
  auto given = static_cast<uint64_t>(reader.integer());
  TORCH_CHECK_TYPE(
      given <= op.parameters.size(), op.handle.schema().name(), " takes ", op.parameters.size(),
      " arguments in this libtorch, ", given, " were given");
  for (size_t i = 0; i < op.parameters.size(); i++) {
    const Parameter& parameter = op.parameters[i];
    scope.stack.push_back(
        i < given ? read_argument(reader, parameter) : default_value(parameter));
  }
  op.handle.callBoxed(scope.stack);
  write_results(op, scope.stack);
}

// ---- typed calls: one or two tensors, all else left at its default

// A tensor of the caller's, or one that is made of a number.
struct Operand {
  const at::Tensor* tensor;
  at::Tensor number;
};

// Reads `count` operands from [count, tag, value, tag, value]; false where the arguments are others.
bool read_operands(std::array<Operand, 2>& operands, int64_t count) {
  const double* words = arenas.args;
  if (arenas.args_end - words < 1 + 2 * count || words[0] != static_cast<double>(count)) return false;
  constexpr double tensor = kTensor, number = kNumber;
  const at::Tensor* partner = nullptr;
  for (int64_t i = 0; i < count; i++) {
    const double* word = words + 1 + 2 * i;
    if (word[0] == tensor) {
      partner = operands[i].tensor = &tensor_of(word[1]);
    } else if (word[0] == number) {
      operands[i].tensor = nullptr;
    } else {
      return false;
    }
  }
  if (partner == nullptr) return false;
  for (int64_t i = 0; i < count; i++) {
    Operand& operand = operands[i];
    if (operand.tensor != nullptr) continue;
    operand.number = wrapped_number(words[2 + 2 * i], partner->scalar_type());
    operand.tensor = &operand.number;
  }
  return true;
}

bool call_typed(const Operator& op) {
  std::array<Operand, 2> operands;
  if (auto* unary = std::get_if<Unary>(&op.typed)) {
    if (!read_operands(operands, 1)) return false;
    Writer().tensor(unary->call(*operands[0].tensor));
    return true;
  }
  if (std::holds_alternative<std::monostate>(op.typed)) return false;
  if (!read_operands(operands, 2)) return false;
  auto [a, b] = std::tie(*operands[0].tensor, *operands[1].tensor);
  if (auto* binary = std::get_if<Binary>(&op.typed)) Writer().tensor(binary->call(a, b));
  else Writer().tensor(std::get<Sum>(op.typed).call(a, b, 1));
  return true;
}

}  // namespace
}  // namespace isa4d

using namespace isa4d;

ISA4D_EXPORT int32_t isa4d_call(int32_t index) {
  return guarded([&] {
    const Operator& op = operator_at(index);
    if (!call_typed(op)) call_boxed(op);
  });
}
