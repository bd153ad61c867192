// What may be typed into the forms, decided while it is being typed.
//
// Pure: text in, verdict out; the sentences come from the catalogue. The rules of the names are the
// protocol's ([a-z0-9._-]{3,32}); the server and the engine check them again. A password's strength
// is judged by its length only, because everything cleverer can be fooled and lulls.
#pragma once

#include "peer/model.hpp"
#include "ui/i18n/strings.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sotto::ui {

// neutral: not finished, and nothing is wrong so far.
enum class HintTone : std::uint8_t { neutral, good, bad };

// A sentence below a field, and whether the field is fine as it is.
struct Verdict {
    HintTone tone = HintTone::neutral;
    std::string hint;
    [[nodiscard]] bool good() const { return tone == HintTone::good; }
};

[[nodiscard]] Verdict check_name(const Strings& text, std::string_view name);

struct LinkVerdict {
    Verdict verdict;
    std::optional<peer::ServerAddress> server;
};
// Spaces and line ends around a pasted link are ignored.
[[nodiscard]] LinkVerdict check_server_link(const Strings& text, std::string_view link);

// Below this a password is refused: it is all that protects the history on a stolen disk.
inline constexpr std::size_t password_characters_min = 8;
inline constexpr std::size_t password_characters_good = 16;
[[nodiscard]] Verdict check_password(const Strings& text, std::string_view password);

// The password again: neutral while it is a beginning of the first.
[[nodiscard]] Verdict check_again(const Strings& text, std::string_view password,
                                  std::string_view again);

// Characters as a person counts them.
[[nodiscard]] std::size_t count_characters(std::string_view text);

}  // namespace sotto::ui
