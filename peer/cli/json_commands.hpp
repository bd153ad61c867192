// One line of JSON from a program becomes one command, or one clear refusal.
//
// Strict: an object of known fields with the right types and nothing else; UTF-8 only; no key
// twice; so a misspelt field is an error and never silently a default. Nothing here throws. The
// commands and their fields stand in docs/user-guide (sotto-peer --json); `command_names()` lists
// them.
#pragma once

#include "peer/cli/address_book.hpp"
#include "peer/input.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sotto::peer::cli {

// What the front end answers by itself.
struct ListContacts {};
struct ShowStatus {};
struct ShowSafetyNumber {
    AccountId peer;
};
struct Quit {};
using Request = std::variant<Command, ListContacts, ShowStatus, ShowSafetyNumber, Quit>;

struct ParsedCommand {
    std::string name;
    nlohmann::json id;  // echoed in done and error; null when the program gave none
    Request request;
};

// Why a line is no command. `name` and `id` as far as they were understood.
struct CommandRefused {
    std::string name;
    nlohmann::json id;
    std::string code;     // "bad_json", "unknown_command", "bad_field", "no_such_name"
    std::string message;  // one English sentence; quotes field names, never a value
};

// Takes the bytes of the line, without the newline. `book` resolves names of contacts.
[[nodiscard]] std::variant<ParsedCommand, CommandRefused> parse_command(crypto::ByteView line,
                                                                        const AddressBook& book);

[[nodiscard]] std::vector<std::string_view> command_names();

}  // namespace sotto::peer::cli
