// The two clocks, read together, once per turn.
#pragma once

#include "peer/model.hpp"

namespace sotto::peer::runtime {

[[nodiscard]] Now read_clocks();

}  // namespace sotto::peer::runtime
