#include "peer/cli/json_peer.hpp"

#include "peer/cli/json_events.hpp"
#include "peer/cli/line_reader.hpp"
#include "peer/cli/output_buffer.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>

namespace sotto::peer::cli {

namespace {

// Changes printed before the next look at stdin: keeps both directions moving.
constexpr std::size_t changes_per_turn = 256;
// How long a reader may pause before what is left for it is given up at the end.
constexpr int goodbye_patience_ms = 2000;

class JsonPeer {
public:
    JsonPeer(Options options, const StopSignals& signals)
        : signals_(signals), runtime_(std::move(options.runtime)) {
        output_.add_line(JsonEvents::ready());
        if (options.passphrase) {
            const CommandId number = events_.expect("unlock", nullptr);
            post({.id = number,
                  .command = Unlock{.vault_passphrase = std::move(*options.passphrase)}});
        }
    }

    int run() {
        while (!over_)
            turn();
        runtime_.stop();
        while (show_changes() > 0) {
        }
        output_.finish(goodbye_patience_ms);
        return exit_ok;
    }

private:
    void turn() {
        wait();
        if (!output_.is_full()) show_changes();
        if ((items_[signal_item].revents & POLLIN) != 0) over_ = true;
        if ((items_[input_item].revents & (POLLIN | POLLHUP | POLLERR)) != 0) input_.fill();
        post_held_back();
        while (takes_commands()) {
            const auto line = input_.next();
            if (!line) break;
            on_line(*line);
        }
        output_.flush();
        const bool asked_all = input_.is_over() && !events_.awaits_answers();
        over_ = over_ || asked_all || output_.is_broken();
    }

    // Not before the runtime has said how the profile stands: answers would be guesses.
    bool takes_commands() const {
        return !over_ && !held_back_ && !output_.is_full() && events_.book().vault().has_value();
    }

    void wait() {
        const bool full = output_.is_full();
        const bool listens = takes_commands() && !input_.is_over();
        items_[signal_item] = {.fd = signals_.descriptor(), .events = POLLIN, .revents = 0};
        items_[change_item] = {
            .fd = full ? -1 : runtime_.descriptor(), .events = POLLIN, .revents = 0};
        items_[input_item] = {.fd = listens ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0};
        items_[output_item] = {
            .fd = output_.empty() ? -1 : STDOUT_FILENO, .events = POLLOUT, .revents = 0};
        ::poll(items_.data(), items_.size(), -1);
    }

    void on_line(const Line& line) {
        if (line.too_long) {
            output_.add_line(events_.refused({.name = {},
                                              .id = nullptr,
                                              .code = "line_too_long",
                                              .message = "the line is too long; it was skipped"}));
            return;
        }
        if (line.text.empty()) return;
        auto parsed = parse_command(line.text, events_.book());
        if (const auto* refused = std::get_if<CommandRefused>(&parsed)) {
            output_.add_line(events_.refused(*refused));
            return;
        }
        on_command(std::get<ParsedCommand>(parsed));
    }

    void on_command(ParsedCommand& command) {
        if (std::holds_alternative<ListContacts>(command.request)) {
            output_.add_line(events_.contacts(command));
        } else if (std::holds_alternative<ShowStatus>(command.request)) {
            output_.add_line(events_.status(command));
        } else if (const auto* asked = std::get_if<ShowSafetyNumber>(&command.request)) {
            output_.add_line(events_.safety_number(command, asked->peer));
            if (!events_.book().self()) return;  // that line was the refusal
        } else if (std::holds_alternative<Quit>(command.request)) {
            over_ = true;
        } else {
            const CommandId number = events_.expect(command.name, command.id);
            post({.id = number, .command = std::move(std::get<Command>(command.request))});
            return;
        }
        output_.add_line(events_.done(command));
    }

    // A full queue makes the program wait, not fail: nothing more is read until it has room. Room
    // always announces itself, because every command taken brings an answer.
    void post(PostedCommand command) {
        if (!runtime_.post(std::move(command))) held_back_ = std::move(command);
    }
    void post_held_back() {
        if (held_back_ && runtime_.post(std::move(*held_back_))) held_back_.reset();
    }

    std::size_t show_changes() {
        const auto changes = runtime_.drain(changes_per_turn);
        for (const auto& change : changes) {
            for (const auto& line : events_.lines_of(change))
                output_.add_line(line);
        }
        return changes.size();
    }

    static constexpr std::size_t signal_item = 0;
    static constexpr std::size_t change_item = 1;
    static constexpr std::size_t input_item = 2;
    static constexpr std::size_t output_item = 3;

    const StopSignals& signals_;
    Runtime runtime_;
    LineReader input_{STDIN_FILENO};
    OutputBuffer output_{STDOUT_FILENO};
    JsonEvents events_;
    std::array<pollfd, 4> items_{};
    std::optional<PostedCommand> held_back_;
    bool over_ = false;
};

}  // namespace

int run_json(Options options, const StopSignals& signals) {
    return JsonPeer(std::move(options), signals).run();
}

}  // namespace sotto::peer::cli
