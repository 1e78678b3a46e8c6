// Turns the tagged words of a call into the values an operator takes.
#pragma once

#include "isa4d.h"
#include "operators.h"

namespace isa4d {

// A plain number where a tensor stands; as in Python it takes part in type promotion only by its
// category.
at::Tensor wrapped_number(double value);

// The same beside one tensor of `partner`, of whose dtype it then is if that changes no result: the
// operator would convert it first, which costs more than a small operator itself.
at::Tensor wrapped_number(double value, at::ScalarType partner);

c10::IValue default_value(const Parameter& parameter);

c10::IValue read_argument(Reader& reader, const Parameter& parameter);

}  // namespace isa4d
