// The names of states and errors in the line protocol, and one English sentence for each error.
//
// The names are an interface: programs compare them, so they never change. Sentences say what
// happened and what to do, and may be reworded.
#pragma once

#include "peer/output.hpp"

#include <string_view>

namespace sotto::peer::cli {

[[nodiscard]] std::string_view name_of(Presence presence);
[[nodiscard]] std::string_view name_of(Path path);
[[nodiscard]] std::string_view name_of(ContactState state);
[[nodiscard]] std::string_view name_of(DeliveryState state);
[[nodiscard]] std::string_view name_of(MessageFailure failure);
[[nodiscard]] std::string_view name_of(MessageKind kind);
[[nodiscard]] std::string_view name_of(ServerState state);
[[nodiscard]] std::string_view name_of(VaultState state);
[[nodiscard]] std::string_view name_of(CommandError error);
[[nodiscard]] std::string_view sentence_of(CommandError error);

}  // namespace sotto::peer::cli
