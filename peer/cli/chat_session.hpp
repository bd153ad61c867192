// The terminal chat without its terminal: lines and changes in, text and commands out.
//
// Pure but for the time zone (times of day are local), so tests drive it by hand. Asks for what it
// needs to open or make the profile, then takes one line at a time: a command that begins with "/",
// or text for the person it talks to. Everything by others passes terminal_safe(). What cannot be
// done is said, and that nothing was sent.
#pragma once

#include "peer/cli/address_book.hpp"
#include "peer/cli/chat_texts.hpp"
#include "peer/cli/line_reader.hpp"
#include "peer/input.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::peer::cli {

struct ChatOptions {
    Language language = Language::english;
    std::optional<ServerAddress> server;            // asked for when a new profile needs it
    std::optional<crypto::SecretBytes> passphrase;  // instead of asking for it
};

class ChatSession {
public:
    explicit ChatSession(ChatOptions options) : options_(std::move(options)) {}

    void on_change(const ViewChange& change);
    // Only while wants_line().
    void on_line(Line line);
    // No more lines will come.
    void on_end();
    // The runtime did not take this command.
    void on_busy(CommandId command);

    [[nodiscard]] bool wants_line() const {
        return stage_ != Stage::waiting && stage_ != Stage::over;
    }
    [[nodiscard]] bool wants_silence() const;  // a secret is typed now
    [[nodiscard]] bool is_over() const { return stage_ == Stage::over; }
    [[nodiscard]] int exit_code() const { return exit_code_; }
    [[nodiscard]] std::string take_output() { return std::exchange(output_, {}); }
    [[nodiscard]] std::vector<PostedCommand> take_commands() {
        return std::exchange(commands_, {});
    }

private:
    enum class Stage : std::uint8_t {
        waiting,  // for the runtime
        server,
        name,
        new_password,
        password_again,
        passphrase,
        old_account_password,  // these three: another password for the account
        new_account_password,
        account_password_again,
        talking,
        over,
    };
    struct Answer {
        Say on_done = Say::count_;  // nothing to say
        std::string name;
    };

    void on(const VaultChanged& change);
    void on(const Opened& change);
    void on(const SelfChanged& change);
    void on(const ServerStateChanged& change);
    void on(const ContactChanged& change);
    void on(const DeviceWatchChanged& change);
    void on(const MessageAdded& change);
    void on(const MessageStateChanged& change);
    void on(const DirectoryPage& change);
    void on(const HistoryPage& change);
    void on(const HistoryHits& change);
    void on(const CommandDone& change);
    void on(const CommandFailed& change);
    void on(const ReadUpToChanged&) {}
    void on(const TypingChanged&) {}
    void on(const MemberPresenceChanged&) {}

    void on_password(crypto::SecretBytes text);
    void on_talk(std::string_view text);
    void on_command(std::string_view word, std::string_view rest);
    void on_contact_command(std::string_view word, std::string_view rest);
    void talk_to(std::string_view name);
    void list_contacts();
    void load_history(std::string_view count);
    void on_receipts(std::string_view rest);
    void send_text(std::string_view text);
    void register_profile();
    void on_account_password(crypto::SecretBytes text);
    void change_account_password();
    void start_talking();

    void ask(Stage stage, Say prompt);
    void ask_for_new_profile();
    void print(const std::string& line);
    void print(Say what, std::initializer_list<std::string_view> values = {});
    void print_message(const Message& message, bool with_peer);
    [[nodiscard]] std::optional<AccountId> contact_or_complain(std::string_view word,
                                                               std::string_view name);
    void post(Command command) { post(std::move(command), Answer{}); }
    void post(Command command, Answer answer);
    void post_and_wait(Command command, Stage if_it_fails);
    void ask_again();
    [[nodiscard]] std::string safe_name(const AccountId& account) const;

    ChatOptions options_;
    AddressBook book_;
    DeviceWatch watch_{};
    Stage stage_ = Stage::waiting;
    std::string output_;
    std::vector<PostedCommand> commands_;
    CommandId last_command_ = 0;
    std::map<CommandId, Answer> answers_;
    CommandId awaited_ = 0;  // the Unlock or Register that Stage::waiting waits for; 0: none
    Stage if_it_fails_ = Stage::name;
    std::string name_;                          // asked for; the one to register
    crypto::SecretBytes password_;              // typed once, to be typed again
    crypto::SecretBytes old_password_;          // of the account, to be changed
    bool also_passphrase_ = false;              // with it
    std::optional<AccountId> partner_;          // whom text goes to
    std::map<AccountId, MessageId> last_sent_;  // per contact: whose states are told
    bool read_receipts_ = true;                 // as the runtime said last
    int exit_code_ = 0;
};

}  // namespace sotto::peer::cli
