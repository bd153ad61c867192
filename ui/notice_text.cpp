#include "ui/notice_text.hpp"

#include "peer/notice.hpp"

namespace sotto::ui {

std::string notice_text(const Strings& words, std::string_view text, std::string_view name) {
    const auto notice = peer::parse_notice(text);
    if (!notice) return std::string(text);
    switch (notice->kind) {
        case peer::NoticeKind::put_back:
            return words(Text::notice_put_back);
        case peer::NoticeKind::damaged:
            return words(Text::notice_damaged);
        case peer::NoticeKind::missing: {
            const Text key = notice->count == 1 ? Text::notice_missing_one : Text::notice_missing;
            return words.format(key, {{"name", name}, {"count", std::to_string(notice->count)}});
        }
        case peer::NoticeKind::list_withheld:
            return words.format(Text::notice_list_withheld, {{"name", name}});
        case peer::NoticeKind::name_taken:
            return words(Text::notice_name_taken);
    }
    return std::string(text);
}

}  // namespace sotto::ui
