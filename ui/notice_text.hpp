// A notice row in the person's language (peer/notice.hpp). Pure.
//
// `text` is the row's; `name` the contact's. A row of an older version holds a sentence already: it
// is shown as it is.
#pragma once

#include "ui/i18n/strings.hpp"

#include <string>
#include <string_view>

namespace sotto::ui {

[[nodiscard]] std::string notice_text(const Strings& words, std::string_view text,
                                      std::string_view name);

}  // namespace sotto::ui
