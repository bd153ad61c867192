// What a terminal needs beyond lines: silence while a secret is typed, and no tricks by others'
// text.
#pragma once

#include <string>
#include <string_view>

#include <termios.h>

namespace sotto::peer::cli {

// Switches the echo of a terminal off and puts it back as it was. Does nothing for a pipe or file.
class EchoSwitch {
public:
    explicit EchoSwitch(int descriptor);
    EchoSwitch(const EchoSwitch&) = delete;
    EchoSwitch& operator=(const EchoSwitch&) = delete;
    ~EchoSwitch() { show(); }

    void hide();
    void show();
    [[nodiscard]] bool is_terminal() const noexcept { return is_terminal_; }
    [[nodiscard]] bool is_hidden() const noexcept { return hidden_; }

private:
    int descriptor_;
    bool is_terminal_ = false;
    bool hidden_ = false;
    termios before_{};
};

// Text of another person, fit for a terminal: no control character (an escape sequence could move
// the cursor, rename the window or answer for the user), no direction override that makes text look
// like other text; line ends become a space. Invalid UTF-8 becomes a replacement character.
[[nodiscard]] std::string terminal_safe(std::string_view text);

}  // namespace sotto::peer::cli
