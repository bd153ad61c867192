#include "ui/kit.hpp"

#include <imgui.h>

namespace sotto::ui {

Kit::Kit(ImFontAtlas& atlas) : glyphs(fonts, atlas), text(fonts, glyphs) {
    fonts.add_to(atlas);
}

}  // namespace sotto::ui
