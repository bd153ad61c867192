#include "ui/form_rules.hpp"

#include "peer/server_link.hpp"
#include "ui/sanitise.hpp"
#include "ui/segment.hpp"

#include <algorithm>

namespace sotto::ui {
namespace {

constexpr std::size_t name_characters_min = 3;
constexpr std::size_t name_characters_max = 32;

bool is_capital(char c) {
    return c >= 'A' && c <= 'Z';
}

bool may_stand_in_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(blank);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

}  // namespace

std::size_t count_characters(std::string_view text) {
    return graphemes(text).size();
}

Verdict check_name(const Strings& text, std::string_view name) {
    if (name.empty()) {
        return {.hint = text(Text::name_help)};
    }
    for (const Grapheme& grapheme : graphemes(name)) {
        const std::string_view character =
            name.substr(grapheme.begin, grapheme.end - grapheme.begin);
        if (character.size() == 1 && is_capital(character.front())) {
            return {.tone = HintTone::bad, .hint = text(Text::name_capital)};
        }
        if (character.size() != 1 || !may_stand_in_name(character.front())) {
            const std::string shown = character == " " ? "␣" : sanitise_message(character);
            return {.tone = HintTone::bad,
                    .hint = text.format(Text::name_bad_character, {{"character", shown}})};
        }
    }
    if (name.size() < name_characters_min) {
        return {.hint = text(Text::name_too_short)};
    }
    if (name.size() > name_characters_max) {
        return {.tone = HintTone::bad, .hint = text(Text::name_too_long)};
    }
    return {.tone = HintTone::good, .hint = text(Text::name_good)};
}

LinkVerdict check_server_link(const Strings& text, std::string_view link) {
    const std::string_view pasted = trimmed(link);
    if (pasted.empty()) {
        return {.verdict = {.hint = text(Text::server_help)}, .server = {}};
    }
    auto server = peer::parse_server_link(pasted);
    if (server) {
        std::string hint = text.format(
            Text::server_good, {{"host", server->host}, {"port", std::to_string(server->port)}});
        return {.verdict = {.tone = HintTone::good, .hint = std::move(hint)},
                .server = *std::move(server)};
    }
    if (std::string_view("sotto://").starts_with(pasted)) {  // being typed
        return {.verdict = {.hint = text(Text::server_help)}, .server = {}};
    }
    const Text why = server.error() == peer::ServerLinkError::bad_start ? Text::server_bad_start
                     : server.error() == peer::ServerLinkError::bad_key ? Text::server_bad_key
                                                                        : Text::server_bad_address;
    return {.verdict = {.tone = HintTone::bad, .hint = text(why)}, .server = {}};
}

Verdict check_password(const Strings& text, std::string_view password) {
    if (password.empty()) {
        return {.hint = text(Text::password_help)};
    }
    const std::size_t count = count_characters(password);
    const Text hint = count < password_characters_min    ? Text::password_short
                      : count < password_characters_good ? Text::password_fair
                                                         : Text::password_good;
    return {.tone = count >= password_characters_min ? HintTone::good : HintTone::neutral,
            .hint = text.format(hint, {{"count", std::to_string(count)}})};
}

Verdict check_again(const Strings& text, std::string_view password, std::string_view again) {
    if (again.empty()) {
        return {};
    }
    if (again == password) {
        return {.tone = HintTone::good, .hint = text(Text::again_same)};
    }
    const bool beginning = password.starts_with(again);
    return {.tone = beginning ? HintTone::neutral : HintTone::bad,
            .hint = text(Text::again_differs)};
}

}  // namespace sotto::ui
