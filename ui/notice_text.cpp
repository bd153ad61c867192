#include "ui/notice_text.hpp"

#include "peer/notice.hpp"

namespace sotto::ui {

std::string notice_text(const Strings& words, std::string_view text, std::string_view name) {
    const auto notice = peer::parse_notice(text);
    if (!notice) return std::string(text);
    const auto counted = [&](Text one, Text several) {
        return words.format(notice->count == 1 ? one : several,
                            {{"name", name}, {"count", std::to_string(notice->count)}});
    };
    const auto named = [&](Text key) { return words.format(key, {{"name", name}}); };
    switch (notice->kind) {
        case peer::NoticeKind::put_back:
            return words(Text::notice_put_back);
        case peer::NoticeKind::damaged:
            return words(Text::notice_damaged);
        case peer::NoticeKind::missing:
            return counted(Text::notice_missing_one, Text::notice_missing);
        case peer::NoticeKind::list_withheld:
            return named(Text::notice_list_withheld);
        case peer::NoticeKind::device_added:
            return counted(Text::notice_device_added_one, Text::notice_device_added);
        case peer::NoticeKind::device_held:
            return counted(Text::notice_device_held_one, Text::notice_device_held);
        case peer::NoticeKind::device_removed:
            return counted(Text::notice_device_removed_one, Text::notice_device_removed);
        case peer::NoticeKind::list_fork:
            return named(Text::notice_list_fork);
        case peer::NoticeKind::list_expired:
            return named(Text::notice_list_expired);
        case peer::NoticeKind::own_list_disputed:
            return named(Text::notice_own_list_disputed);
        case peer::NoticeKind::own_list_behind:
            return named(Text::notice_own_list_behind);
        case peer::NoticeKind::name_taken:
            return words(Text::notice_name_taken);
    }
    return std::string(text);
}

}  // namespace sotto::ui
