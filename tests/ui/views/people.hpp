// People, messages and answers for tests of the desktop: equal numbers give equal people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "peer/output.hpp"

namespace sotto::ui::testing {

// Friday, 14 March 2025, 18:00 UTC
inline constexpr peer::WallTime stage_now{1741975200000};

// A different account for each number, with a pattern that gives different avatars.
[[nodiscard]] peer::AccountId account(unsigned number);
[[nodiscard]] peer::Contact contact(unsigned number, const std::string& name,
                                    peer::ContactState state = peer::ContactState::accepted,
                                    peer::Presence presence = peer::Presence::online);
struct MessageOptions {
    bool outgoing = false;
    peer::DeliveryState state = peer::DeliveryState::read;
    std::uint64_t minutes_ago = 0;
    bool read = true;
};
[[nodiscard]] peer::Message message(std::uint64_t row, unsigned peer, const std::string& text,
                                    const MessageOptions& options = {});
[[nodiscard]] peer::Self self(const std::string& name = "alice");
[[nodiscard]] peer::Opened opened(std::vector<peer::Contact> contacts = {},
                                  std::vector<peer::ConversationSummary> conversations = {});
[[nodiscard]] peer::DirectoryPage directory(std::vector<peer::Member> members);
[[nodiscard]] peer::ServerAddress server();

}  // namespace sotto::ui::testing
