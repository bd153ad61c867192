// What a pasted verification code says, as one of the answers a person can get.
//
// Pure; the comparison itself is crypto/verify.hpp's, in constant time.
#pragma once

#include "peer/model.hpp"
#include "ui/i18n/strings.hpp"

#include <cstdint>
#include <string_view>

namespace sotto::ui {

enum class CodeAnswer : std::uint8_t {
    none,  // nothing was pasted
    match,
    other_person,
    other_self,
    own_code,  // the person's own code: the roles are swapped
    not_a_code,
    other_purpose,
    damaged,
};
// Spaces and line ends around and within the code are ignored: mails break long lines.
[[nodiscard]] CodeAnswer check_code(std::string_view pasted, const peer::AccountId& own,
                                    const peer::AccountId& contact);
// `none` has no words.
[[nodiscard]] Text words_of(CodeAnswer answer);

}  // namespace sotto::ui
