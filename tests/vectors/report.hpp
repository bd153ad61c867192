// From the input document to every value two implementations must agree on. The final values come
// from the functions peers use; the intermediate ones are computed beside them, and whatever can be
// computed both ways is checked to be the same (else std::runtime_error).
#pragma once

#include "tests/vectors/input.hpp"

namespace sotto::vectors {

[[nodiscard]] Json report(const Json& input);

}  // namespace sotto::vectors
