// What a program reads on stdout: one JSON object per line for each thing that happened.
//
// Events are named for their meaning (message, message_state, presence, ...), so one change of the
// runtime may become none, one or several. Pure: keeps only the address book and what is needed to
// tell what changed. Every line is valid UTF-8 and ends the object; texts of others are passed on
// as they are, escaped. A command's answer is `done` or `error` with its name and the program's
// `id`; in message and message_state `id` is the message's.
#pragma once

#include "peer/cli/json_commands.hpp"

#include <map>
#include <string>
#include <vector>

namespace sotto::peer::cli {

class JsonEvents {
public:
    [[nodiscard]] const AddressBook& book() const { return book_; }

    // Remembers a command; the number to post it with.
    [[nodiscard]] CommandId expect(std::string name, const nlohmann::json& id);
    // The lines for one change, without newlines.
    [[nodiscard]] std::vector<std::string> lines_of(const ViewChange& change);

    [[nodiscard]] std::string refused(const CommandRefused& refused) const;
    [[nodiscard]] std::string contacts(const ParsedCommand& command) const;
    [[nodiscard]] std::string status(const ParsedCommand& command) const;
    // An error while locked: nobody is there to compare.
    [[nodiscard]] std::string safety_number(const ParsedCommand& command,
                                            const AccountId& peer) const;
    [[nodiscard]] std::string done(const ParsedCommand& command) const;
    // The first line of all.
    [[nodiscard]] static std::string ready();
    [[nodiscard]] bool awaits_answers() const noexcept { return !waiting_.empty(); }

private:
    using Json = nlohmann::ordered_json;  // "event" comes first
    struct Waiting {
        std::string name;
        Json id;
    };

    void add(const CommandFailed& change, std::vector<Json>& out);
    void add(const CommandDone& change, std::vector<Json>& out);
    void add(const VaultChanged& change, std::vector<Json>& out);
    void add(const SelfChanged& change, std::vector<Json>& out);
    void add(const ServerStateChanged& change, std::vector<Json>& out);
    void add(const ContactChanged& change, std::vector<Json>& out);
    void add(const MessageAdded& change, std::vector<Json>& out);
    void add(const MessageStateChanged& change, std::vector<Json>& out);
    void add(const ReadUpToChanged& change, std::vector<Json>& out);
    void add(const TypingChanged& change, std::vector<Json>& out);
    void add(const DirectoryPage& change, std::vector<Json>& out);
    void add(const MemberPresenceChanged& change, std::vector<Json>& out);
    void add(const Opened& change, std::vector<Json>& out);
    void add(const DeviceWatchChanged& change, std::vector<Json>& out);
    void add(const HistoryPage& change, std::vector<Json>& out);
    void add(const HistoryHits& change, std::vector<Json>& out);

    [[nodiscard]] Json contact_json(const Contact& contact) const;
    [[nodiscard]] Json message_json(const Message& message) const;
    [[nodiscard]] Json messages_json(const std::vector<Message>& messages) const;
    // Takes the command out of the waiting ones.
    [[nodiscard]] Json answer(const char* event, CommandId command);

    AddressBook book_;
    std::map<CommandId, Waiting>
        waiting_;  // bounded by the runtime's queue and the engine's limits
    CommandId last_command_ = 0;
};

}  // namespace sotto::peer::cli
