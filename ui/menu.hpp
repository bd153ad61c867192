// A small menu below a button: a few rows with an icon, words and the keys that do the same.
//
// Open it with ImGui::OpenPopup(id) in the window that draws it. Arrow keys and Enter work, Escape
// and a click beside it close it. Ui thread, within a frame.
#pragma once

#include "ui/icons.hpp"
#include "ui/kit.hpp"

#include <span>
#include <string_view>

namespace sotto::ui {

struct MenuItem {
    const char* id;
    Icon icon;
    std::string_view label;
    std::string_view keys = {};
    bool danger = false;
};

// The popup itself; draw into it while open().
class Menu {
public:
    explicit Menu(const Kit& kit, const char* id);
    ~Menu();
    Menu(const Menu&) = delete;
    Menu& operator=(const Menu&) = delete;
    [[nodiscard]] bool open() const { return open_; }

private:
    bool open_ = false;
};

// Screen pixels the items need.
[[nodiscard]] float menu_width(Kit& kit, std::span<const MenuItem> items);
// Answers the index of the chosen one, or -1; choosing closes the menu.
int menu_items(Kit& kit, std::span<const MenuItem> items, float width);

}  // namespace sotto::ui
