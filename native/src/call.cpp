// The one generic door: any ATen operator, called boxed with tagged arguments.
#include "isa4d.h"
#include "operators.h"

#include <ATen/ScalarOps.h>
#include <ATen/core/Generator.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/stack.h>

#include <cmath>
#include <string>
#include <vector>

namespace isa4d {
namespace {

bool is_integer(double value) {
  return std::trunc(value) == value && std::abs(value) < 9007199254740992.0 &&
      !(value == 0 && std::signbit(value));
}

at::Scalar scalar_of(double value) {
  if (is_integer(value)) return at::Scalar(static_cast<int64_t>(value));
  return at::Scalar(value);
}

// As Python's: a plain number takes part in type promotion only by its category.
at::Tensor wrapped_number(double value) {
  at::Tensor tensor = at::scalar_to_tensor(scalar_of(value));
  tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
  return tensor;
}

[[noreturn]] void mismatch(const Parameter& parameter, const char* given) {
  C10_THROW_ERROR(
      TypeError,
      "argument '" + parameter.argument->name() + "' is a " + parameter.argument->type()->str() +
          ", not a " + given);
}

c10::IValue number_value(const Parameter& parameter, double value) {
  switch (parameter.kind) {
    case Kind::Tensor: return wrapped_number(value);
    case Kind::Int:
      TORCH_CHECK_TYPE(
          std::trunc(value) == value,
          "argument '", parameter.argument->name(), "' is a whole number, not ", value);
      return static_cast<int64_t>(value);
    case Kind::Float: return value;
    case Kind::Bool: return value != 0;
    case Kind::Number: return scalar_of(value);
    case Kind::Device: return device_of(value);
    case Kind::Generator: {
      auto* impl = from_word<c10::GeneratorImpl>(value);
      return at::Generator(c10::intrusive_ptr<c10::GeneratorImpl>::reclaim_copy(impl));
    }
    case Kind::IntList:
      return std::vector<int64_t>(
          std::max<int64_t>(parameter.fixed_length, 1), static_cast<int64_t>(value));
    case Kind::FloatList:
      return std::vector<double>(std::max<int64_t>(parameter.fixed_length, 1), value);
    default: mismatch(parameter, "number");
  }
}

c10::IValue list_value(const Parameter& parameter, const double* values, int64_t length) {
  switch (parameter.kind) {
    case Kind::IntList: return std::vector<int64_t>(values, values + length);
    case Kind::FloatList: return std::vector<double>(values, values + length);
    case Kind::BoolList: {
      c10::List<bool> list;
      for (int64_t i = 0; i < length; i++) list.push_back(values[i] != 0);
      return list;
    }
    case Kind::NumberList: {
      c10::impl::GenericList list(c10::NumberType::get());
      for (int64_t i = 0; i < length; i++) list.push_back(scalar_of(values[i]));
      return list;
    }
    // An empty list carries no type of its own.
    case Kind::TensorList:
    case Kind::OptionalTensorList:
      if (length == 0) return c10::List<at::Tensor>();
      [[fallthrough]];
    default: mismatch(parameter, "list of numbers");
  }
}

c10::IValue tensors_value(const Parameter& parameter, const double* words, int64_t length) {
  if (parameter.kind == Kind::OptionalTensorList) {
    c10::List<std::optional<at::Tensor>> list;
    list.reserve(length);
    for (int64_t i = 0; i < length; i++) {
      at::Tensor tensor = tensor_of(words[i]);
      list.push_back(tensor.defined() ? std::optional<at::Tensor>(tensor) : std::nullopt);
    }
    return list;
  }
  if (parameter.kind != Kind::TensorList) mismatch(parameter, "list of tensors");
  c10::List<at::Tensor> list;
  list.reserve(length);
  for (int64_t i = 0; i < length; i++) list.push_back(tensor_of(words[i]));
  return list;
}

c10::IValue string_value(const Parameter& parameter, const double* words, int64_t length) {
  if (parameter.kind != Kind::String) mismatch(parameter, "string");
  std::string text(static_cast<size_t>(length), '\0');
  for (int64_t i = 0; i < length; i++) text[i] = static_cast<char>(static_cast<uint8_t>(words[i]));
  return text;
}

c10::IValue default_value(const Parameter& parameter) {
  const auto& value = parameter.argument->default_value();
  if (value.has_value()) return *value;
  if (parameter.optional) return c10::IValue();
  C10_THROW_ERROR(TypeError, "argument '" + parameter.argument->name() + "' is missing");
}

c10::IValue read_argument(Reader& reader, const Parameter& parameter) {
  switch (static_cast<Tag>(reader.integer())) {
    case kOmitted: return default_value(parameter);
    case kNone: return c10::IValue();
    case kNumber: return number_value(parameter, reader.number());
    case kTensor:
      if (parameter.kind != Kind::Tensor) mismatch(parameter, "tensor");
      return reader.tensor();
    case kList: {
      int64_t length = reader.integer();
      return list_value(parameter, reader.take(length), length);
    }
    case kTensors: {
      int64_t length = reader.integer();
      return tensors_value(parameter, reader.take(length), length);
    }
    case kString: {
      int64_t length = reader.integer();
      return string_value(parameter, reader.take(length), length);
    }
  }
  C10_THROW_ERROR(TypeError, "unknown tag in the encoded arguments");
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

// A thread's stack keeps its memory from call to call and drops its values on every way out.
struct StackScope {
  explicit StackScope(torch::jit::Stack& values) : stack(values) { stack.clear(); }
  ~StackScope() { stack.clear(); }
  torch::jit::Stack& stack;
};

void call(int32_t index) {
  static thread_local torch::jit::Stack stack;
  StackScope scope(stack);
  const Operator& op = operator_at(index);
  Reader reader;
  auto given = static_cast<size_t>(reader.integer());
  TORCH_CHECK_TYPE(
      given <= op.parameters.size(), op.handle.schema().name(), " takes ", op.parameters.size(),
      " arguments in this libtorch, ", given, " were given");
  for (size_t i = 0; i < op.parameters.size(); i++) {
    const Parameter& parameter = op.parameters[i];
    stack.push_back(i < given ? read_argument(reader, parameter) : default_value(parameter));
  }
  op.handle.callBoxed(stack);
  Writer writer;
  for (size_t i = 0; i < stack.size(); i++) {
    if (i < op.aliases_input.size() && op.aliases_input[i]) {
      writer.word(kOmitted);
    } else {
      write_result(writer, stack[i]);
    }
  }
}

}  // namespace

void Writer::word(double value) {
  TORCH_CHECK(next_ < end_, "the result is too long for the result arena");
  *next_++ = value;
}

void Writer::tensor(at::Tensor tensor) {
  if (!tensor.defined()) return word(kNone);
  auto sizes = tensor.sizes();
  TORCH_CHECK(
      next_ + 5 + sizes.size() <= end_, "the result is too long for the result arena");
  *next_++ = kTensor;
  double* handle = next_++;
  *next_++ = static_cast<double>(static_cast<int8_t>(tensor.scalar_type()));
  *next_++ = device_word(tensor.device());
  *next_++ = static_cast<double>(sizes.size());
  for (int64_t size : sizes) *next_++ = static_cast<double>(size);
  *handle = handle_of(std::move(tensor));
}

}  // namespace isa4d

using namespace isa4d;

ISA4D_EXPORT int32_t isa4d_call(int32_t index) {
  return guarded([&] { call(index); });
}
