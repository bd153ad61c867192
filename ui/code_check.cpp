#include "ui/code_check.hpp"

#include "crypto/verify.hpp"

#include <algorithm>
#include <string>

namespace sotto::ui {
namespace {

std::string without_blanks(std::string_view text) {
    std::string out;
    std::copy_if(text.begin(), text.end(), std::back_inserter(out),
                 [](char c) { return c != ' ' && c != '\t' && c != '\r' && c != '\n'; });
    return out;
}

CodeAnswer answer_of(crypto::CodeError error) {
    switch (error) {
        case crypto::CodeError::not_a_code:
            return CodeAnswer::not_a_code;
        case crypto::CodeError::other_purpose:
            return CodeAnswer::other_purpose;
        case crypto::CodeError::malformed:
            break;
    }
    return CodeAnswer::damaged;
}

}  // namespace

CodeAnswer check_code(std::string_view pasted, const peer::AccountId& own,
                      const peer::AccountId& contact) {
    const std::string text = without_blanks(pasted);
    if (text.empty()) {
        return CodeAnswer::none;
    }
    const auto code = crypto::parse_verification_code(text);
    if (!code) {
        return answer_of(code.error());
    }
    switch (crypto::compare_code(*code, own, contact)) {
        case crypto::CodeVerdict::match:
            return CodeAnswer::match;
        case crypto::CodeVerdict::other_self:
            return CodeAnswer::other_self;
        case crypto::CodeVerdict::other_person:
            break;
    }
    return code->own == own ? CodeAnswer::own_code : CodeAnswer::other_person;
}

Text words_of(CodeAnswer answer) {
    switch (answer) {
        case CodeAnswer::match:
            return Text::safety_match;
        case CodeAnswer::other_person:
            return Text::safety_other_person;
        case CodeAnswer::other_self:
            return Text::safety_other_self;
        case CodeAnswer::own_code:
            return Text::safety_own_code;
        case CodeAnswer::other_purpose:
            return Text::safety_other_purpose;
        case CodeAnswer::damaged:
            return Text::safety_damaged;
        case CodeAnswer::none:
        case CodeAnswer::not_a_code:
            break;
    }
    return Text::safety_not_code;
}

}  // namespace sotto::ui
