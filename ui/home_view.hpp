// The left panel: who I am and whether I am connected, the search box, everybody I can talk to.
//
// The list is virtual, so ten thousand contacts cost no more than the fifteen that are visible. Up,
// Down and Enter in the search box choose a row; a click or Enter selects it.
#pragma once

#include "ui/home_rows.hpp"
#include "ui/kit.hpp"
#include "ui/ui_state.hpp"
#include "ui/virtual_list.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sotto::ui {

class HomeView {
public:
    void draw(Kit& kit, const ViewModel& model, UiState& ui, ImVec2 position, ImVec2 size);

    // The conversation with this number, 1..9, as the list shows them; for Ctrl+1 and so on.
    void choose_nth(const ViewModel& model, UiState& ui, int number);
    // What is on the list now.
    [[nodiscard]] const std::vector<HomeRow>& rows() const { return rows_; }
    void forget();  // the vault was locked

private:
    void refresh(const ViewModel& model, UiState& ui);
    void draw_header(Kit& kit, const ViewModel& model, UiState& ui, ImVec2 at, float width);
    void draw_search(Kit& kit, const ViewModel& model, UiState& ui, ImVec2 at, float width);
    void draw_list(Kit& kit, const ViewModel& model, UiState& ui, ImVec2 at, ImVec2 size);
    void draw_row(Kit& kit, const ViewModel& model, UiState& ui, std::size_t index, ImVec2 at,
                  float width);
    [[nodiscard]] double measure(Kit& kit, const UiState& ui, const HomeRow& row,
                                 float width) const;
    void move_highlight(UiState& ui, int direction);
    void choose(const ViewModel& model, UiState& ui, const HomeRow& row);
    void ask_for_more(const ViewModel& model, UiState& ui);

    VirtualList list_{VirtualList::Stick::top, 66.0};
    std::vector<HomeRow> rows_;
    // What rows_ was built from.
    std::uint64_t order_revision_ = 0;
    std::uint64_t directory_revision_ = 0;
    bool directory_asked_ = false;
    std::uint64_t hits_revision_ = 0;
    std::optional<peer::AccountId> within_;
    std::string query_;
};

}  // namespace sotto::ui
