// The page of the screens before home: content in a column in the middle, scrolling when the window
// is small.
#pragma once

#include "ui/kit.hpp"

namespace sotto::ui {

struct Area {
    ImVec2 min;
    ImVec2 size;
};
[[nodiscard]] Area whole_window();

// Everything drawn while it lives is in a column in the middle of the area; its height is
// remembered to centre it.
class Card {
public:
    Card(Kit& kit, const char* id, float width, const Area& area, ImU32 background);
    ~Card();
    Card(const Card&) = delete;
    Card& operator=(const Card&) = delete;
    [[nodiscard]] float width() const { return width_; }  // of the content, screen pixels

private:
    Kit& kit_;
    float width_ = 0.0F;
    float top_ = 0.0F;
    unsigned height_key_ = 0;
};

// The mark in the middle of the column, with some air below.
void draw_logo_row(Kit& kit, float width);

}  // namespace sotto::ui
