#include "peer/cli/chat_peer.hpp"

#include "peer/cli/chat_session.hpp"
#include "peer/cli/output_buffer.hpp"
#include "peer/cli/terminal.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>

namespace sotto::peer::cli {

namespace {

constexpr std::size_t changes_per_turn = 256;
constexpr int goodbye_patience_ms = 2000;

class ChatPeer {
public:
    ChatPeer(Options options, const StopSignals& signals)
        : signals_(signals),
          runtime_(std::move(options.runtime)),
          session_({.language = language_of_environment(),
                    .server = std::move(options.server),
                    .passphrase = std::move(options.passphrase)}) {}

    int run() {
        while (!session_.is_over())
            turn();
        echo_.show();
        runtime_.stop();
        print();
        output_.finish(goodbye_patience_ms);
        return session_.exit_code();
    }

private:
    void turn() {
        wait();
        if ((items_[0].revents & POLLIN) != 0) session_.on_end();
        if ((items_[2].revents & (POLLIN | POLLHUP | POLLERR)) != 0) input_.fill();
        for (const auto& change : runtime_.drain(changes_per_turn))
            session_.on_change(change);
        post();
        while (session_.wants_line()) {
            auto line = input_.next();
            if (!line) break;
            session_.on_line(std::move(*line));
            post();
        }
        if (input_.is_over() && session_.wants_line()) session_.on_end();
        session_.wants_silence() ? echo_.hide() : echo_.show();
        print();
        if (output_.is_broken()) session_.on_end();
    }

    void wait() {
        // Lines typed ahead stay in the terminal until somebody wants them.
        const bool listens = session_.wants_line() && !input_.is_over();
        items_[0] = {.fd = signals_.descriptor(), .events = POLLIN, .revents = 0};
        items_[1] = {.fd = runtime_.descriptor(), .events = POLLIN, .revents = 0};
        items_[2] = {.fd = listens ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0};
        items_[3] = {.fd = output_.empty() ? -1 : STDOUT_FILENO, .events = POLLOUT, .revents = 0};
        ::poll(items_.data(), items_.size(), -1);
    }

    void post() {
        for (auto& command : session_.take_commands()) {
            const CommandId number = command.id;
            if (!runtime_.post(std::move(command))) session_.on_busy(number);
        }
    }

    void print() {
        output_.add(session_.take_output());
        output_.flush();
    }

    const StopSignals& signals_;
    Runtime runtime_;
    ChatSession session_;
    EchoSwitch echo_{STDIN_FILENO};
    LineReader input_{STDIN_FILENO};
    OutputBuffer output_{STDOUT_FILENO};
    std::array<pollfd, 4> items_{};
};

}  // namespace

int run_chat(Options options, const StopSignals& signals) {
    return ChatPeer(std::move(options), signals).run();
}

}  // namespace sotto::peer::cli
