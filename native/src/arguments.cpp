// Nothing that the caller writes into the arena may be read past its end, taken for an address or
// given to libtorch as a code that it would not check.
#include "arguments.h"

#include <ATen/ScalarOps.h>
#include <ATen/core/ivalue.h>

#include <cmath>
#include <string>

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

[[noreturn]] void mismatch(const Parameter& parameter, const char* given) {
  C10_THROW_ERROR(
      TypeError,
      "argument '" + parameter.argument->name() + "' is a " + parameter.argument->type()->str() +
          ", not a " + given);
}

c10::IValue number_value(const Parameter& parameter, double value) {
  // Of a list of no fixed length, a list of one.
  auto length = static_cast<size_t>(std::max<int64_t>(parameter.fixed_length, 1));
  switch (parameter.kind) {
    case Kind::Tensor: return wrapped_number(value);
    case Kind::Int:
      TORCH_CHECK_TYPE(
          std::trunc(value) == value,
          "argument '", parameter.argument->name(), "' is a whole number, not ", value);
      return whole(value);
    case Kind::Float: return value;
    case Kind::Bool: return value != 0;
    case Kind::Number: return scalar_of(value);
    case Kind::DType: return static_cast<int64_t>(dtype_of(value));
    case Kind::Device: return device_of(value);
    case Kind::Generator: return arenas.held->generators.at(value);
    case Kind::IntList: return std::vector<int64_t>(length, whole(value));
    case Kind::FloatList: return std::vector<double>(length, value);
    default: mismatch(parameter, "number");
  }
}

c10::IValue list_value(const Parameter& parameter, const double* values, int64_t length) {
  switch (parameter.kind) {
    case Kind::IntList: {
      std::vector<int64_t> list;
      list.reserve(length);
      for (int64_t i = 0; i < length; i++) list.push_back(whole(values[i]));
      return list;
    }
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
    default: mismatch(parameter, "list of numbers");
  }
}

c10::IValue tensors_value(const Parameter& parameter, const double* handles, int64_t length) {
  if (parameter.kind == Kind::OptionalTensorList) {
    c10::List<std::optional<at::Tensor>> list;
    list.reserve(length);
    for (int64_t i = 0; i < length; i++) {
      list.push_back(
          handles[i] == 0 ? std::nullopt : std::optional(tensor_of(handles[i])));
    }
    return list;
  }
  if (parameter.kind != Kind::TensorList) mismatch(parameter, "list of tensors");
  c10::List<at::Tensor> list;
  list.reserve(length);
  for (int64_t i = 0; i < length; i++) list.push_back(tensor_of(handles[i]));
  return list;
}

c10::IValue string_value(const Parameter& parameter, const double* words, int64_t length) {
  if (parameter.kind != Kind::String) mismatch(parameter, "string");
  std::string text(static_cast<size_t>(length), '\0');
  for (int64_t i = 0; i < length; i++) text[i] = static_cast<char>(whole(words[i]) & 255);
  return text;
}

}  // namespace

at::Tensor wrapped_number(double value) {
  at::Tensor tensor = at::scalar_to_tensor(scalar_of(value));
  tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
  return tensor;
}

at::Tensor wrapped_number(double value, at::ScalarType partner) {
  // Narrower dtypes compute with the number itself, integers may have to become floats.
  if (partner != at::kFloat) return wrapped_number(value);
  at::Tensor tensor = at::detail::scalar_tensor_static(value, at::kFloat, at::kCPU);
  tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
  return tensor;
}

c10::IValue default_value(const Parameter& parameter) {
  const auto& value = parameter.argument->default_value();
  if (value.has_value()) return *value;
  if (parameter.optional) return c10::IValue();
  C10_THROW_ERROR(TypeError, "argument '" + parameter.argument->name() + "' is missing");
}

c10::IValue read_argument(Reader& reader, const Parameter& parameter) {
  int64_t tag = reader.integer();
  switch (tag) {
    case kOmitted: return default_value(parameter);
    case kNone:
      if (!parameter.optional) mismatch(parameter, "gap");
      return c10::IValue();
    case kNumber: return number_value(parameter, reader.number());
    case kTensor:
      if (parameter.kind != Kind::Tensor) mismatch(parameter, "tensor");
      return tensor_of(reader.number());
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
    default: C10_THROW_ERROR(TypeError, "unknown tag in the encoded arguments");
  }
}

}  // namespace isa4d
