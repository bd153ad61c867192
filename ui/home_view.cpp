#include "ui/home_view.hpp"

#include "ui/account_menu.hpp"
#include "ui/contact_row.hpp"
#include "ui/navigation.hpp"
#include "ui/parts.hpp"
#include "ui/widgets.hpp"

#include <imgui.h>

#include <algorithm>

namespace sotto::ui {
namespace {

constexpr float header_height = 64.0F;
constexpr float search_height = 44.0F;
constexpr float row_height = 66.0F;
constexpr float heading_height = 34.0F;

}  // namespace

void HomeView::forget() {
    rows_.clear();
    list_.reset();
    query_.clear();
    order_revision_ = 0;
}

void HomeView::refresh(const ViewModel& model, UiState& ui) {
    const std::string query = ui.search.input.text();
    const bool same = order_revision_ == model.order_revision && query_ == query &&
                      directory_revision_ == model.directory.revision &&
                      directory_asked_ == model.directory.asked &&
                      hits_revision_ == model.hits.revision && within_ == ui.search.within;
    if (same && !rows_.empty()) {
        return;
    }
    const std::size_t before = rows_.size();
    rows_ = build_home_rows(model, query, ui.search.within);
    if (query_ != query || within_ != ui.search.within || list_.heights().size() != before) {
        list_.reset();
        ui.search.highlighted = -1;
    } else {
        if (rows_.size() < before) {
            list_.rows_erased(rows_.size(), before - rows_.size());
        }
        for (std::size_t i = 0; i < std::min(before, rows_.size()); ++i) {
            list_.row_changed(i);  // headings and rows differ in height
        }
    }
    query_ = query;
    order_revision_ = model.order_revision;
    directory_revision_ = model.directory.revision;
    directory_asked_ = model.directory.asked;
    hits_revision_ = model.hits.revision;
    within_ = ui.search.within;
}

void HomeView::choose(const ViewModel& model, UiState& ui, const HomeRow& row) {
    if (row.kind == HomeRowKind::member) {
        const peer::Member& member = model.directory.members[row.member];
        start_request(ui, member.account, member.username);
    } else if (row.kind == HomeRowKind::hit && row.hit < model.hits.messages.size()) {
        const peer::Message& hit = model.hits.messages[row.hit];
        show_message(ui, hit.peer, hit.row);
    } else if (row.account) {
        select_contact(ui, *row.account);
    }
}

void HomeView::choose_nth(const ViewModel& model, UiState& ui, int number) {
    int seen = 0;
    for (const HomeRow& row : rows_) {
        const bool conversation =
            row.kind == HomeRowKind::contact || row.kind == HomeRowKind::request;
        if (conversation && ++seen == number) {
            choose(model, ui, row);
            return;
        }
    }
}

void HomeView::move_highlight(UiState& ui, int direction) {
    const auto count = static_cast<std::ptrdiff_t>(rows_.size());
    std::ptrdiff_t at = ui.search.highlighted;
    do {
        at += direction;
    } while (at >= 0 && at < count && !rows_[static_cast<std::size_t>(at)].can_be_chosen());
    if (at >= 0 && at < count) {
        ui.search.highlighted = at;
        ui.search.reveal_highlighted = true;
    }
}

void HomeView::draw_header(Kit& kit, const ViewModel& model, UiState& ui, ImVec2 at, float width) {
    draw_account(kit, model, ui, at, {width - kit.px(126.0F), kit.px(header_height)});
    const float x = at.x + width - kit.px(46.0F);
    const float y = at.y + kit.px(14.0F);
    ImGui::SetCursorScreenPos({x - kit.px(72.0F), y});
    if (icon_button(kit, "theme", icons::theme,
                    ui.text(kit.theme.dark ? Text::theme_to_light : Text::theme_to_dark))) {
        ui.settings.theme = kit.theme.dark ? ThemeChoice::light : ThemeChoice::dark;
        ui.settings_changed = true;
    }
    ImGui::SetCursorScreenPos({x - kit.px(36.0F), y});
    if (icon_button(kit, "add", icons::add_person, ui.text(Text::add_contact))) {
        start_request(ui);
    }
    ImGui::SetCursorScreenPos({x, y});
    if (icon_button(kit, "settings", icons::settings, ui.text(Text::settings_title))) {
        ui.dialog = Dialog::settings;
    }
}

void HomeView::draw_search(Kit& kit, const ViewModel& model, UiState& ui, ImVec2 at, float width) {
    SearchBox& search = ui.search;
    if (ui.focus_search) {
        ui.focus_search = false;
        search.input.focus();
        search.input.buffer().select_all();
    }
    ImGui::SetCursorScreenPos({at.x + kit.px(14.0F), at.y});
    const ContactEntry* within = search.within ? model.contact(*search.within) : nullptr;
    const std::string placeholder =
        within == nullptr
            ? ui.text(Text::search_placeholder)
            : ui.text.format(Text::search_within, {{"name", within->contact.username}});
    const InputResult result = search.input.draw(kit, "search", width - kit.px(28.0F),
                                                 {.placeholder = placeholder,
                                                  .icon = icons::search.glyph,
                                                  .icon_fallback = icons::search.fallback,
                                                  .compact = true,
                                                  .clear_button = true});
    if (result.changed) {
        search.changed_at_s = ImGui::GetTime();
    }
    ui.search_focused = result.focused;
    if (result.focused) {
        if (ImGui::IsKeyPressed(ImGuiKey_DownArrow)) {
            move_highlight(ui, +1);
        } else if (ImGui::IsKeyPressed(ImGuiKey_UpArrow)) {
            move_highlight(ui, -1);
        }
    }
    if (result.submitted) {
        refresh(model, ui);  // what was typed in this very frame counts
        if (search.highlighted < 0) {
            move_highlight(ui, +1);
        }
        const auto at_row = static_cast<std::size_t>(search.highlighted);
        if (search.highlighted >= 0 && at_row < rows_.size()) {
            choose(model, ui, rows_[at_row]);
            search.highlighted = -1;
        }
    }
    if (result.escaped) {
        if (!search.input.buffer().empty()) {
            search.input.buffer().clear();
            search.changed_at_s = 0.0;
        } else {
            ui.focus_composer = true;
        }
        search.within.reset();
        search.highlighted = -1;
    }
}

double HomeView::measure(Kit& kit, const UiState& ui, const HomeRow& row, float width) const {
    switch (row.kind) {
        case HomeRowKind::heading:
            return kit.px(heading_height);
        case HomeRowKind::nobody:
        case HomeRowKind::no_match:
        case HomeRowKind::no_message:
        case HomeRowKind::type_words:
        case HomeRowKind::waiting:
            return empty_row_height(kit, ui, row.kind, query_, width);
        case HomeRowKind::request:
        case HomeRowKind::contact:
        case HomeRowKind::member:
        case HomeRowKind::hit:
            break;
    }
    return kit.px(row_height);
}

void HomeView::draw_row(Kit& kit, const ViewModel& model, UiState& ui, std::size_t index, ImVec2 at,
                        float width) {
    const HomeRow& home_row = rows_[index];
    const bool highlighted = ui.search.highlighted == static_cast<std::ptrdiff_t>(index);
    bool chosen = false;
    ImGui::PushID(static_cast<int>(index));
    switch (home_row.kind) {
        case HomeRowKind::heading:
            draw_heading(kit, ui.text(home_row.title), at, width);
            break;
        case HomeRowKind::nobody:
        case HomeRowKind::no_match:
        case HomeRowKind::no_message:
        case HomeRowKind::type_words:
        case HomeRowKind::waiting:
            draw_empty_row(kit, model, ui, home_row.kind, query_, at, width);
            break;
        case HomeRowKind::request:
        case HomeRowKind::contact: {
            const ContactEntry* entry = model.contact(*home_row.account);
            const bool selected = highlighted || ui.selected == home_row.account;
            chosen = entry != nullptr && draw_contact_row(kit, ui, *entry, at, width, selected);
            break;
        }
        case HomeRowKind::member:
            chosen = draw_member_row(kit, ui, model.directory.members[home_row.member], at, width,
                                     highlighted);
            break;
        case HomeRowKind::hit:
            chosen = draw_hit_row(kit, ui, model, model.hits.messages[home_row.hit],
                                  ui.search.within.has_value(), at, width, highlighted);
            break;
    }
    ImGui::PopID();
    if (chosen) {
        choose(model, ui, home_row);
    }
}

void HomeView::ask_for_more(const ViewModel& model, UiState& ui) {
    const Directory& directory = model.directory;
    const bool at_end = !rows_.empty() && list_.last_visible() + 5 >= rows_.size();
    if (!at_end || !directory.asked || !directory.more || directory.members.empty() ||
        ui.search.asked != directory.query ||
        ui.search.asked_after == directory.members.back().username) {
        return;
    }
    ui.search.asked_after = directory.members.back().username;
    ui.post({}, peer::SearchDirectory{
                    .query = directory.query, .after = *ui.search.asked_after, .command = 0});
}

void HomeView::draw_list(Kit& kit, const ViewModel& model, UiState& ui, ImVec2 at, ImVec2 size) {
    if (ui.search.reveal_highlighted) {
        ui.search.reveal_highlighted = false;
        const auto row =
            static_cast<std::size_t>(std::max<std::ptrdiff_t>(ui.search.highlighted, 0));
        if (row <= list_.first_visible() || row >= list_.last_visible()) {
            list_.scroll_to_row(row);
        }
    }
    ImGui::SetCursorScreenPos(at);
    // The rows may change while they are drawn (a click selects); the source reads them by index.
    list_.draw(kit, "people", size,
               {.count = rows_.size(),
                .measure = [&](std::size_t row,
                               float width) { return measure(kit, ui, rows_[row], width); },
                .draw = [&](std::size_t row, ImVec2 top_left, float width,
                            float) { draw_row(kit, model, ui, row, top_left, width); }});
    ask_for_more(model, ui);
}

namespace {

// Stays, above everything, until the person says that it was read. Answers where it ends.
float draw_alarm(Kit& kit, UiState& ui, ImVec2 at, float width) {
    ImGui::SetCursorScreenPos(at);
    ImGui::BeginGroup();
    banner(kit, icons::error, ui.text(Text::own_list_alarm), BannerTone::danger, width);
    space(kit, 6.0F);
    const bool seen =
        button_row(kit, {{.id = "own-list-seen", .label = ui.text(Text::own_list_seen)}}, width) ==
        0;
    ImGui::EndGroup();
    if (seen) {
        ui.post({.purpose = Purpose::device_watch, .account = {}, .text = {}},
                peer::SettleOwnList{.command = 0});
    }
    return ImGui::GetItemRectMax().y + kit.px(6.0F);
}

}  // namespace

void HomeView::draw(Kit& kit, const ViewModel& model, UiState& ui, ImVec2 position, ImVec2 size) {
    const Pane pane("home", position, size, kit.c().panel);
    draw_header(kit, model, ui, position, size.x);
    const float search_y = position.y + kit.px(header_height);
    draw_search(kit, model, ui, {position.x, search_y}, size.x);
    refresh(model, ui);
    float list_y = search_y + kit.px(search_height);
    if (ui.server_lost) {
        ImGui::SetCursorScreenPos({position.x + kit.px(14.0F), list_y});
        banner(kit, icons::cloud_off, ui.text(Text::server_lost), BannerTone::warning,
               size.x - kit.px(28.0F));
        list_y = ImGui::GetItemRectMax().y + kit.px(6.0F);
    }
    if (model.device_watch.own_list_disputed) {
        list_y = draw_alarm(kit, ui, {position.x + kit.px(14.0F), list_y}, size.x - kit.px(28.0F));
    }
    draw_list(kit, model, ui, {position.x, list_y}, {size.x, position.y + size.y - list_y});
}

}  // namespace sotto::ui
